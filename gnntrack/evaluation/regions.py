"""How much of a box lies in regions, counted in pixels as the toolkits of drone data sets do."""

from __future__ import annotations

import numpy as np

from gnntrack.sequence import Sequence


def covered(boxes: Sequence, regions: Sequence) -> np.ndarray:
    """The share of each box's pixels that lie in any region of its frame ``(len(boxes),)``.

    As in VisDrone's toolkit: sides are rounded to whole pixels of at least 1, a region holds both its edges, a box
    begins behind its first one, and the picture (that of ``regions``) ends what reaches beyond it.

    Example:
        >>> import pandas as pd
        >>> columns = {"x": [10.0], "y": [10.0], "w": [20.0], "h": [20.0]}
        >>> box = Sequence("a", pd.DataFrame({"frame": [1], **columns}), 100, 100)
        >>> region = Sequence("a", pd.DataFrame({"frame": [1], **columns | {"x": [20.0]}}), 100, 100)
        >>> covered(box, region).round(3).tolist()  # 11 of 20 columns
        [0.55]
    """
    share = np.zeros(len(boxes))
    sides, marked = _pixels(boxes.xywh), _pixels(regions.xywh)
    ends = np.array([regions.width, regions.height])
    for frame, there in regions.by_frame():
        rows = boxes.rows_of(frame)
        start = np.minimum(sides[rows, :2], ends)
        stop = np.minimum(start + sides[rows, 2:], ends)
        low = np.minimum(marked[there, :2] - 1, ends)
        high = np.minimum(marked[there, :2] + marked[there, 2:], ends)
        # a grid whose lines are the regions' edges: each cell is inside or outside
        lines = [np.unique([low[:, axis], high[:, axis]]) for axis in (0, 1)]
        within = [
            (low[:, axis, None] <= line[:-1]) & (line[1:] <= high[:, axis, None]) for axis, line in enumerate(lines)
        ]
        inside = (within[0][:, :, None] & within[1][:, None, :]).any(0).astype(float)
        across, down = (
            (np.minimum(stop[:, axis, None], line[1:]) - np.maximum(start[:, axis, None], line[:-1])).clip(min=0)
            for axis, line in enumerate(lines)
        )
        share[rows] = ((across @ inside) * down).sum(1) / sides[rows, 2:].prod(1)
    return share


def _pixels(xywh: np.ndarray) -> np.ndarray:
    """Whole numbers of at least 1; halves are rounded up."""
    rounded: np.ndarray = np.maximum(1.0, np.floor(xywh + 0.5))
    return rounded
