"""How far boxes lie behind others, and which overlap."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from gnntrack.datasets.synthetic.detector_model import COVER_BOUNDS, SIZE_BOUNDS
from gnntrack.geometry import HEIGHT, TOP, iou_matrix, share_inside
from gnntrack.sequence import Sequence


def cover(sequence: Sequence) -> np.ndarray:
    """The largest share of each box that lies behind one box in front (whose lower side is lower): ``(N,)``."""
    return covering(sequence)[0]


def covering(sequence: Sequence) -> tuple[np.ndarray, np.ndarray]:
    """:func:`cover`, and the row of the box in front ``(N,)``; any where there is none."""
    result, front = np.zeros(len(sequence)), np.arange(len(sequence))
    boxes = sequence.xywh
    for _, rows in sequence.by_frame():
        if rows.stop - rows.start < 2:
            continue
        here, bottom = boxes[rows], boxes[rows, TOP] + boxes[rows, HEIGHT]
        behind = np.where(bottom[None, :] > bottom[:, None], share_inside(here[:, None], here), 0.0)
        result[rows], front[rows] = behind.max(1), rows.start + behind.argmax(1)
    return result, front


def levels(sequence: Sequence) -> tuple[np.ndarray, np.ndarray]:
    """Level of occlusion and level of size of every box."""
    size = sequence.xywh[:, HEIGHT] / sequence.height
    return np.searchsorted(COVER_BOUNDS, cover(sequence)), np.searchsorted(SIZE_BOUNDS, size)


def overlapping(box: np.ndarray, frames: Iterable[slice], above: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of boxes of a frame that overlap by more.

    Args:
        box: ``(N, 4)`` xywh.
        frames: the rows of each frame.
        above: IoU.

    Returns:
        The rows of both, the smaller first, and their IoU: ``(P,)`` each.

    Example:
        >>> box = np.array([[0.0, 0, 4, 4], [0.0, 0, 4, 2], [9.0, 0, 4, 4]])
        >>> overlapping(box, [slice(0, 3)], 0.1)
        (array([0]), array([1]), array([0.5]))
    """
    first, second = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    shared = [np.zeros(0)]
    for rows in frames:
        table = iou_matrix(box[rows], box[rows])
        one, other = np.nonzero(np.triu(table > above, 1))
        first.append(rows.start + one)
        second.append(rows.start + other)
        shared.append(table[one, other])
    return np.concatenate(first), np.concatenate(second), np.concatenate(shared)
