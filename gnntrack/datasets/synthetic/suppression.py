"""Non-maximum suppression: of boxes that overlap much, the most confident stays."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from gnntrack.datasets.synthetic.occlusion import overlapping


def suppress(box: np.ndarray, confidence: np.ndarray, frame: np.ndarray, above: float) -> np.ndarray:
    """Which boxes stay ``(N,)``: those that no more confident one, which stays, overlaps by more.

    Args:
        box: ``(N, 4)`` xywh.
        confidence: ``(N,)``; of equal ones, the first is taken for the more confident.
        frame: ``(N,)``, in any order.
        above: IoU.

    Example:
        >>> box = np.array([[0.0, 0, 4, 4], [0.0, 0, 4, 3], [0.0, 0, 4, 2.1]])
        >>> suppress(box, np.array([0.9, 0.8, 0.7]), np.ones(3), 0.6)  # the second would have dropped the third
        array([ True, False,  True])
    """
    by_frame = np.argsort(frame, kind="stable")
    bounds = [*np.flatnonzero(np.diff(frame[by_frame], prepend=np.nan)), len(frame)]
    one, other, _ = overlapping(box[by_frame], [slice(low, high) for low, high in pairwise(bounds)], above)
    one, other = by_frame[one], by_frame[other]
    weaker_is_first = confidence[one] < confidence[other]
    strong, weak = np.where(weaker_is_first, other, one), np.where(weaker_is_first, one, other)
    stays = np.ones(len(frame), dtype=bool)
    while True:  # each round settles one more step of the longest chain of boxes that drop each other
        now = np.ones(len(frame), dtype=bool)
        now[weak[stays[strong]]] = False
        if (now == stays).all():
            return stays
        stays = now
