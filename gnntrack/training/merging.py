"""What poor detectors do to two who overlap: one box around both."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from gnntrack.geometry import CORNER, HEIGHT, SIZE, TOP, iou_matrix
from gnntrack.training.augmentation import Boxes

#: Each call draws: the IoU from which on boxes merge, how often they do, and for how many frames they stay as they are.
OVERLAP, SHARE, PERIOD = (0.05, 0.4), (0.2, 1.0), (2, 12)
#: A merged box reaches so far from the box of who is in front (0) to the box around both (1).
REACH = (0.7, 1.0)
_SLOTS = 257  # pairs of identities in one slot share a random number; a prime, so that few do


def merge(boxes: Boxes, rng: np.random.Generator) -> Boxes:
    """Two identities that are each other's nearest and overlap become one box, for some frames at a time.

    The box is that of who is in front (who ends farther down), the other is not detected::

        ┌────┐              ┌──────┐
        │ 1┌─┼──┐           │      │
        │  │ │2 │     →     │   2  │
        └──┼─┘  │           │      │
           └────┘           └──────┘

    Args:
        boxes: a clip.
        rng: the random generator.

    Example:
        >>> side_by_side = np.array([[0.0, 0, 30, 80], [12, 4, 30, 80]])
        >>> both = Boxes(np.tile(side_by_side, (50, 1)), np.arange(100) // 2, np.ones(100), np.arange(100) % 2)
        >>> merged = merge(both, np.random.default_rng(0))
        >>> len(merged.box) < 100, np.bincount(merged.identity)[1].item()
        (True, 50)
    """
    overlap, share = rng.uniform(*OVERLAP), rng.uniform(*SHARE)
    period = int(rng.integers(*PERIOD))
    box, kept = boxes.box.copy(), np.ones(len(boxes.box), dtype=bool)
    if not len(box):
        return boxes
    bottom = boxes.box[:, TOP] + boxes.box[:, HEIGHT]
    drawn = rng.random((int(boxes.frame.max()) // period + 1, _SLOTS))
    starts = np.append(np.flatnonzero(np.diff(boxes.frame, prepend=-1)), len(boxes.frame))
    for first, stop in pairwise(starts.tolist()):
        one, other = _neighbours(boxes.box[first:stop], overlap) + first
        low, high = np.sort(boxes.identity[[one, other]], axis=0)
        value = drawn[boxes.frame[one] // period, (low * 31 + high) % _SLOTS]
        chosen = (low >= 0) & (low != high) & (value < share)
        one, other, value = one[chosen], other[chosen], value[chosen]
        lower = bottom[one] >= bottom[other]
        front, behind = np.where(lower, one, other), np.where(lower, other, one)
        reach = REACH[0] + (REACH[1] - REACH[0]) * (value / share)[:, None]
        box[front] += reach * (_around(boxes.box[front], boxes.box[behind]) - box[front])
        kept[behind] = False
    return replace(boxes, box=box).take(kept.nonzero()[0])


def _neighbours(box: np.ndarray, overlap: float) -> np.ndarray:
    """Pairs ``(2, P)`` of a frame's boxes that overlap each other most, by at least ``overlap``."""
    others = iou_matrix(box, box)
    np.fill_diagonal(others, 0.0)
    here, nearest = np.arange(len(box)), others.argmax(1)
    mutual = (nearest[nearest] == here) & (here < nearest) & (others.max(1) >= overlap)
    return np.stack([here[mutual], nearest[mutual]])


def _around(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The boxes ``(P, 4)`` xywh around two boxes each."""
    corner = np.minimum(a[:, CORNER], b[:, CORNER])
    end = np.maximum(a[:, CORNER] + a[:, SIZE], b[:, CORNER] + b[:, SIZE])
    return np.concatenate([corner, end - corner], axis=1)
