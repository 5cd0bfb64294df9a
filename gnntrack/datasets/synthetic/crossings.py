"""Crossings of annotated objects: how long the boxes of two overlap, how much, and who is in front."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gnntrack.geometry import HEIGHT, TOP, centres, iou_matrix
from gnntrack.geometry.boxes import X
from gnntrack.sequence import Sequence

#: Two boxes that overlap by more cross; a crossing ends when they did not for so many frames.
LEAST_IOU, LONGEST_PAUSE = 0.1, 5
#: Boxes around the peak that tell on which side the object behind is.
_NEAR_PEAK = 5

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
    overlap, pairs = np.zeros(len(truth)), []
    for frame, rows in truth.by_frame():
        table = iou_matrix(box[rows], box[rows])
        np.fill_diagonal(table, 0.0)
        overlap[rows] = table.max(1, initial=0.0)
        one, other = np.nonzero(np.triu(table > LEAST_IOU))
        pairs.append(pd.DataFrame({"one": rows.start + one, "other": rows.start + other, "iou": table[one, other]}))
        pairs[-1]["frame"] = frame
    table = pd.concat(pairs, ignore_index=True) if pairs else pd.DataFrame(columns=["one", "other", "iou", "frame"])
    table = table.astype({"one": int, "other": int, "iou": float, "frame": int})
    table["a"], table["b"] = identity[table["one"]], identity[table["other"]]
    turned = (table["a"] > table["b"]).to_numpy()
    for low, high in (("one", "other"), ("a", "b")):
        smaller, larger = table[low].where(~turned, table[high]), table[high].where(~turned, table[low])
        table[low], table[high] = smaller, larger
    table = table.sort_values(["a", "b", "frame"], ignore_index=True)
    begins = table["a"].diff().ne(0) | table["b"].diff().ne(0) | table["frame"].diff().gt(LONGEST_PAUSE)
    bounds = np.append(np.flatnonzero(begins.to_numpy()), len(table))
    one, other, iou = (table[name].to_numpy() for name in ("one", "other", "iou"))
    found = [
        _crossing(box, one[low:high], other[low:high], iou[low:high])
        for low, high in zip(bounds[:-1], bounds[1:], strict=True)
    ]
    ends = np.array([ends for ends, *_ in found], dtype=np.int64).reshape(-1, 2, 2)  # first and last, front and behind
    ends = place[ends] if len(truth) else ends
    peak = np.array([peak for _, peak, _, _ in found])
    traits = np.array([traits for _, _, traits, _ in found]).reshape(-1, 4)
    side = np.array([side for *_, side in found])
    first, last = ends.swapaxes(0, 1) if len(found) else ends.reshape(2, 0, 2)
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
    return ends, peak, [float(np.log(len(iou))), 3.0 * float(iou[top]), 2.0 * taller, 2.0 * peak], side
