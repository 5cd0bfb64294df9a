"""Crossings of annotated objects: how long the boxes of two overlap, how much, and who is in front."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from gnntrack.datasets.synthetic.occlusion import overlapping
from gnntrack.geometry import HEIGHT, TOP, centres
from gnntrack.geometry.boxes import X
from gnntrack.sequence import Sequence

#: Two boxes that overlap by more cross; a crossing ends when they did not for so many frames.
LEAST_IOU, LONGEST_PAUSE = 0.1, 5
#: Boxes around the peak that tell on which side the object behind is.
_NEAR_PEAK = 5
#: The trait that says how much the two overlap at most, and what it is multiplied by.
_OVERLAP, _OVERLAP_WEIGHT = 1, 3.0


@dataclass(frozen=True)
class Crossings:
    """C crossings. Rows are counted in the order of :func:`by_track`.

    Attributes:
        first: ``(C, 2)`` the row at which each begins, of the object in front and of the one behind.
        last: ``(C, 2)`` the row after that at which each ends.
        peak: ``(C,)`` when the two overlap most: 0 at the beginning, 1 at the end.
        traits: ``(C, 4)`` what makes two crossings alike: log duration, 3 · IoU at the peak, 2 · log ratio of heights,
            2 · peak.
        side: ``(C,)`` 1 where the object behind is to the right, −1 where it is to the left.
    """

    first: np.ndarray
    last: np.ndarray
    peak: np.ndarray
    traits: np.ndarray
    side: np.ndarray

    def __len__(self) -> int:
        """Number of crossings."""
        return len(self.peak)

    @property
    def overlap(self) -> np.ndarray:
        """IoU ``(C,)`` at the peak."""
        return self.traits[:, _OVERLAP] / _OVERLAP_WEIGHT


def by_track(sequence: Sequence) -> np.ndarray:
    """The rows ``(N,)`` of a sequence by identity, then by frame."""
    return np.lexsort([sequence.frames, sequence.boxes["id"].to_numpy()])


def find_crossings(truth: Sequence) -> tuple[Crossings, np.ndarray]:
    """All crossings, and the largest IoU ``(N,)`` of every box with another of its frame, in the order of the rows.

    ::

        front   ●●●●●●●●●●●●●●●●        first = the rows under ┬, last = those after ┴
        behind       ●●●●●●●●●●●●●
                     ┬    ▲     ┴       ▲ peak

    Example:
        >>> from gnntrack.datasets.sample import sample
        >>> found, overlap = find_crossings(sample("TUD-Campus", "annotations"))
        >>> len(found) > 5, bool((found.last > found.first).all()), len(overlap)
        (True, True, 359)
    """
    place = np.empty(len(truth), dtype=np.int64)
    place[by_track(truth)] = np.arange(len(truth))
    box, identity = truth.xywh, truth.boxes["id"].to_numpy()
    one, other, iou = overlapping(box, [rows for _, rows in truth.by_frame()], 0.0)
    overlap = np.zeros(len(truth))
    for rows in (one, other):
        np.maximum.at(overlap, rows, iou)
    cross = iou > LEAST_IOU
    one, other, iou = one[cross], other[cross], iou[cross]
    turned = identity[one] > identity[other]
    one, other = np.where(turned, other, one), np.where(turned, one, other)
    by_pair = np.lexsort([truth.frames[one], identity[other], identity[one]])
    one, other, iou = one[by_pair], other[by_pair], iou[by_pair]
    begins = np.ones(len(one), dtype=bool)
    same = (np.diff(identity[one]) == 0) & (np.diff(identity[other]) == 0)
    begins[1:] = ~same | (np.diff(truth.frames[one]) > LONGEST_PAUSE)
    bounds = [*np.flatnonzero(begins), len(one)]
    parts = [slice(low, high) for low, high in pairwise(bounds)]
    found = [_crossing(box, one[part], other[part], iou[part]) for part in parts]
    ends = np.array([ends for ends, *_ in found], dtype=np.int64).reshape(-1, 2, 2)  # begin and end; front and behind
    first, last = place[ends].swapaxes(0, 1)
    peak = np.array([peak for _, peak, _, _ in found])
    traits = np.array([traits for _, _, traits, _ in found]).reshape(-1, 4)
    side = np.array([side for *_, side in found])
    return Crossings(first, last + 1, peak, traits, side), overlap


def _crossing(
    box: np.ndarray, one: np.ndarray, other: np.ndarray, iou: np.ndarray
) -> tuple[list[list[int]], float, list[float], float]:
    """First and last rows, peak, traits and side of one crossing, whose boxes ``(L,)`` of two objects overlap so."""
    top = int(iou.argmax())
    bottom = box[:, TOP] + box[:, HEIGHT]
    front, behind = (one, other) if bottom[one[top]] >= bottom[other[top]] else (other, one)
    near = slice(max(top - _NEAR_PEAK, 0), top + _NEAR_PEAK + 1)
    across = centres(box[behind[near]]) - centres(box[front[near]])
    side = float(np.sign(across[:, X].mean())) or 1.0
    peak = top / max(len(iou) - 1, 1)
    taller = float(np.log(box[behind[top], HEIGHT] / box[front[top], HEIGHT]))
    ends = [[int(front[at]), int(behind[at])] for at in (0, -1)]
    return ends, peak, [float(np.log(len(iou))), _OVERLAP_WEIGHT * float(iou[top]), 2.0 * taller, 2.0 * peak], side
