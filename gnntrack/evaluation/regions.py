"""How much of a box lies in regions, counted in pixels as the toolkits of drone data sets do."""

from __future__ import annotations

import numpy as np

from gnntrack.sequence import Sequence


def covered(boxes: Sequence, regions: Sequence) -> np.ndarray:
    """The share of each box's pixels that lie in any region of its frame ``(len(boxes),)``.

    As in VisDrone's toolkit: sides are rounded to whole pixels of at least 1, a region holds both its edges, a box
    begins behind its first one, and the image (that of ``regions``) ends what reaches beyond it.

    Example:
        >>> import pandas as pd
        >>> columns = {"x": [10.0], "y": [10.0], "w": [20.0], "h": [20.0]}
        >>> box = Sequence("a", pd.DataFrame({"frame": [1], **columns}), 100, 100)
        >>> region = Sequence("a", pd.DataFrame({"frame": [1], **columns | {"x": [20.0]}}), 100, 100)
        >>> covered(box, region).round(3).tolist()  # 11 of 20 columns
        [0.55]
    """
    share = np.zeros(len(boxes))
    corner, size = np.split(_pixels(boxes.xywh), 2, axis=1)
    region_corner, region_size = np.split(_pixels(regions.xywh), 2, axis=1)
    ends = np.array([regions.width, regions.height])
    for frame, there in regions.by_frame():
        rows = boxes.rows_of(frame)
        start = np.minimum(corner[rows], ends)
        stop = np.minimum(start + size[rows], ends)
        low = np.minimum(region_corner[there] - 1, ends)
        high = np.minimum(region_corner[there] + region_size[there], ends)
        # a grid whose lines are the regions' edges: each cell is inside or outside
        lines = [np.unique([first, last]) for first, last in zip(low.T, high.T, strict=True)]
        across, down = (
            (first[:, None] <= line[:-1]) & (line[1:] <= last[:, None])
            for first, last, line in zip(low.T, high.T, lines, strict=True)
        )
        inside = (across[:, :, None] & down[:, None, :]).any(0).astype(float)
        width, height = (
            (np.minimum(last[:, None], line[1:]) - np.maximum(first[:, None], line[:-1])).clip(min=0)
            for first, last, line in zip(start.T, stop.T, lines, strict=True)
        )
        share[rows] = ((width @ inside) * height).sum(1) / size[rows].prod(1)
    return share


def _pixels(xywh: np.ndarray) -> np.ndarray:
    """Whole numbers of at least 1; halves are rounded up."""
    rounded: np.ndarray = np.maximum(1.0, np.floor(xywh + 0.5))
    return rounded
