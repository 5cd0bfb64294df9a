"""HOTA's matching: one assignment a frame, by how well identities agree over the whole video times IoU."""

from __future__ import annotations

import numpy as np

from gnntrack.evaluation.assignment import EPS, assign
from gnntrack.evaluation.numbers import numbered
from gnntrack.evaluation.scene import BLOCK, Layout, Overlaps

NONE = -1


def match_hota(overlaps: Overlaps, layout: Layout, item: np.ndarray, name: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The result box that HOTA matches with each annotation.

    Args:
        overlaps: pairs that overlap.
        layout: where each frame's rows lie.
        item: number of each annotation's object ``(N,)``.
        name: number of each result box's track ``(M,)``.

    Returns:
        Row of the result box, −1 where there is none ``(N,)``, and the IoU ``(N,)``.
    """
    matched, value = np.full(len(item), NONE), np.zeros(len(item))
    if not len(overlaps):
        return matched, value
    alignment = Alignment(overlaps, layout, item, name)
    starts = np.searchsorted(overlaps.truth, layout.truth_starts)
    first = 0
    while first < len(layout.frames):
        last = max(first + 1, int(np.searchsorted(starts, starts[first] + BLOCK, side="right")) - 1)
        part = slice(int(starts[first]), int(starts[last]))
        truth, track, iou = overlaps.truth[part], overlaps.track[part], overlaps.iou[part]
        score = alignment.of(part) * iou
        able = score > 0
        rows, columns = truth[able], track[able]
        chosen = assign(layout, rows, columns, score[able], alignment.frame)
        matched[rows[chosen]], value[rows[chosen]] = columns[chosen], iou[able][chosen]
        first = last
    return matched, value


class Alignment:
    """How well each object and each track agree over the whole video, as TrackEval computes it.

    In each frame, a pair's IoU over the sum of both boxes' IoUs; summed over frames, over the number of boxes.
    """

    def __init__(self, overlaps: Overlaps, layout: Layout, item: np.ndarray, name: np.ndarray) -> None:
        self.overlaps, self.layout = overlaps, layout
        self.key, self.together = _combinations(item[overlaps.truth], name[overlaps.track], len(name))
        self.counts = _counts(item, self.together[0]) + _counts(name, self.together[1])
        self.row_sums = np.bincount(overlaps.truth, overlaps.iou, len(item))
        self.column_sums = np.bincount(overlaps.track, overlaps.iou, len(name))
        self.score = self._score()
        self._exact = False

    def of(self, pairs: slice) -> np.ndarray:
        """The alignment of some pairs."""
        return self.score[self.key[pairs]]

    def frame(self, number: int) -> np.ndarray:
        """A frame's whole matrix of scores, to the last bit as TrackEval has it."""
        if not self._exact:
            self.row_sums, self.column_sums = numpy_sums(self.overlaps, self.layout, self.row_sums, self.column_sums)
            self.score, self._exact = self._score(), True
        low, high = np.searchsorted(self.overlaps.truth, self.layout.truth_starts[[number, number + 1]])
        rows = self.overlaps.truth[low:high] - self.layout.truth_starts[number]
        columns = self.overlaps.track[low:high] - self.layout.track_starts[number]
        table = np.zeros((self.layout.truth_counts[number], self.layout.track_counts[number]))
        table[rows, columns] = self.score[self.key[low:high]] * self.overlaps.iou[low:high]
        return table

    def _score(self) -> np.ndarray:
        iou = self.overlaps.iou
        divisor = self.column_sums[self.overlaps.track] + self.row_sums[self.overlaps.truth] - iou
        share = np.where(divisor > EPS, iou / np.maximum(divisor, EPS), 0.0)
        potential = np.bincount(self.key, share, len(self.counts))
        return potential / (self.counts - potential)


def _combinations(item: np.ndarray, name: np.ndarray, width: int) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """Numbers the combinations of object and track that occur: of each pair, and what each number stands for."""
    found, key = numbered(item.astype(np.int64) * width + name)
    return key, (found // width, found % width)


def _counts(number: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    return np.bincount(number).astype(float)[wanted]


def numpy_sums(
    overlaps: Overlaps, layout: Layout, rows: np.ndarray, columns: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Sums over each box's overlaps in the order in which numpy adds rows and columns of a frame's whole matrix.

    numpy adds eight numbers and more that lie side by side in several strands: rows, and columns where there is but
    one. With up to two numbers above 0 the order does not matter; the others are added by numpy itself.

    Args:
        overlaps: pairs that overlap.
        layout: where each frame's rows lie.
        rows: of each annotation, added one by one ``(N,)``.
        columns: of each result box, added one by one ``(M,)``.
    """
    frame = np.repeat(np.arange(len(layout.frames)), layout.truth_counts)[overlaps.truth]
    heights, widths = layout.truth_counts[frame], layout.track_counts[frame]
    place = overlaps.track - layout.track_starts[frame]
    rows = _strands(overlaps.truth, place, widths, overlaps.iou, rows)
    alone = widths == 1
    place = (overlaps.truth - layout.truth_starts[frame])[alone]
    return rows, _strands(overlaps.track[alone], place, heights[alone], overlaps.iou[alone], columns)


def _strands(box: np.ndarray, place: np.ndarray, length: np.ndarray, value: np.ndarray, sums: np.ndarray) -> np.ndarray:
    """The sums of boxes whose pairs lie side by side, each pair at a place of a row of that length."""
    count = np.bincount(box, minlength=len(sums))
    odd = np.flatnonzero((count[box] > 2) & (length >= 8))
    sums = sums.copy()
    for alike in np.unique(length[odd]).tolist():
        pairs = odd[length[odd] == alike]
        starts = np.flatnonzero(np.diff(box[pairs], prepend=-1))
        number = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(pairs))))
        step = max(1, 8 * BLOCK // alike)
        for first in range(0, len(starts), step):
            some = slice(*np.searchsorted(number, [first, first + step]).tolist())
            table = np.zeros((min(step, len(starts) - first), alike))
            table[number[some] - first, place[pairs[some]]] = value[pairs[some]]
            sums[box[pairs[starts[first : first + step]]]] = table.sum(1)
    return sums
