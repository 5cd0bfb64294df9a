"""What is evaluated: a video's annotations and result side by side, with every overlap, found once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from gnntrack.geometry import EPSILON
from gnntrack.sequence import Sequence

#: Pairs of boxes that are compared at once: bounds the memory of temporaries, whatever the length of the video.
BLOCK = 1 << 17
#: Frames with more pairs are processed one by one.
CROWDED = 1 << 12


@dataclass(frozen=True, eq=False)
class Overlaps:
    """Every pair of an annotated and a result box of one frame whose IoU is above 0.

    Pairs are sorted by annotation, then result, so they are in order of time.

    Attributes:
        truth: row of the annotation, ``(P,)`` int64.
        track: row of the result box, ``(P,)`` int64.
        iou: their IoU, ``(P,)``, bit for bit that of :func:`gnntrack.geometry.iou`.
    """

    truth: np.ndarray
    track: np.ndarray
    iou: np.ndarray

    def __len__(self) -> int:
        """Number of pairs."""
        return len(self.truth)

    def where(self, pairs: np.ndarray) -> Overlaps:
        """Only these pairs (a mask)."""
        return Overlaps(self.truth[pairs], self.track[pairs], self.iou[pairs])


@dataclass(frozen=True, eq=False)
class Scene:
    """Annotations and result of one video.

    A benchmark's rules take away the rows of either side that do not count (:mod:`.benchmarks`); what is left is
    matched (:func:`gnntrack.evaluation.matches.match`). Overlaps travel along, so they are computed once.

    Attributes:
        truth: the annotations.
        tracks: the result.
        overlaps: of the two.

    Example:
        >>> from gnntrack.datasets.sample import sample
        >>> scene = Scene.of(sample("TUD-Campus", "annotations"), sample("TUD-Campus", "tracks"))
        >>> len(scene.truth), len(scene.tracks), len(scene.overlaps)
        (359, 222, 413)
        >>> some = scene.take(scene.truth.frames < 10, scene.tracks.frames < 10)
        >>> len(some.truth), len(some.tracks), len(some.overlaps)
        (54, 34, 80)
    """

    truth: Sequence
    tracks: Sequence
    overlaps: Overlaps

    @classmethod
    def of(cls, truth: Sequence, tracks: Sequence) -> Scene:
        """The scene of all rows."""
        return cls(truth, tracks, find_overlaps(truth, tracks))

    def take(self, truth_rows: np.ndarray, track_rows: np.ndarray) -> Scene:
        """The scene of some rows of either side (masks ``(N,)`` and ``(M,)``)."""
        if truth_rows.all() and track_rows.all():
            return self
        kept = self.overlaps.where(truth_rows[self.overlaps.truth] & track_rows[self.overlaps.track])
        truth_place, track_place = np.cumsum(truth_rows) - 1, np.cumsum(track_rows) - 1
        overlaps = Overlaps(truth_place[kept.truth], track_place[kept.track], kept.iou)
        return Scene(_take(self.truth, truth_rows), _take(self.tracks, track_rows), overlaps)


@dataclass(frozen=True, eq=False)
class Layout:
    """Where each frame's rows lie on both sides.

    Attributes:
        frames: frames that have a box on either side, ascending ``(F,)``.
        truth_starts: first annotation of each, and the end ``(F + 1,)``.
        track_starts: first result box of each, and the end ``(F + 1,)``.
    """

    frames: np.ndarray
    truth_starts: np.ndarray
    track_starts: np.ndarray

    @classmethod
    def of(cls, truth: Sequence, tracks: Sequence) -> Layout:
        """The layout of two sequences, which are sorted by frame."""
        present = [rows[np.diff(rows, prepend=-1) > 0] for rows in (truth.frames, tracks.frames)]
        frames = np.union1d(*present)
        starts = [np.append(np.searchsorted(rows, frames), len(rows)) for rows in (truth.frames, tracks.frames)]
        return cls(frames, *starts)

    @property
    def truth_counts(self) -> np.ndarray:
        """Annotations in each frame ``(F,)``."""
        return np.diff(self.truth_starts)

    @property
    def track_counts(self) -> np.ndarray:
        """Result boxes in each frame ``(F,)``."""
        return np.diff(self.track_starts)


def find_overlaps(truth: Sequence, tracks: Sequence, block: int = BLOCK) -> Overlaps:
    """Every pair of boxes of one frame that overlap.

    Frames with many boxes are processed one by one, as a matrix of pairs; the others in blocks of frames, as a list
    of pairs. Either way only those pairs that meet get as far as an IoU.

    Args:
        truth: the annotations.
        tracks: the result.
        block: pairs that are compared at once.
    """
    layout = Layout.of(truth, tracks)
    a, b = _Edges.of(truth), _Edges.of(tracks)
    heights, widths = layout.truth_counts, layout.track_counts
    crowded = heights * widths >= CROWDED
    parts = [_meeting(a, b, *pairs) for pairs in _listed(layout, heights * widths * ~crowded, block)]
    lists = len(parts)
    for number in np.flatnonzero(crowded).tolist():
        first, last = layout.truth_starts[[number, number + 1]].tolist()
        left, right = layout.track_starts[[number, number + 1]].tolist()
        step = max(1, block // (right - left))
        parts += [
            _crowd(a, b, slice(begin, min(begin + step, last)), slice(left, right))
            for begin in range(first, last, step)
        ]
    if not parts:
        return Overlaps(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    row, column = (np.concatenate(side) for side in zip(*parts, strict=True))
    if 0 < lists < len(parts):  # two sorted runs
        order = np.argsort(row, kind="stable")
        row, column = row[order], column[order]
    iou = np.empty(len(row))
    for begin in range(0, len(row), block):
        some = slice(begin, begin + block)
        iou[some] = _iou(a, b, row[some], column[some])
    found = Overlaps(row, column, iou)
    return found if iou.all() else found.where(iou > 0)


@dataclass(frozen=True, eq=False)
class _Edges:
    """The edges of boxes, and the area between them, an array each."""

    left: np.ndarray
    upper: np.ndarray
    right: np.ndarray
    lower: np.ndarray
    area: np.ndarray

    @classmethod
    def of(cls, boxes: Sequence) -> _Edges:
        left, upper, width, height = (boxes.boxes[name].to_numpy(dtype=float) for name in ("x", "y", "w", "h"))
        right, lower = left + width, upper + height
        return cls(left, upper, right, lower, (right - left).clip(min=0) * (lower - upper).clip(min=0))


def _listed(layout: Layout, cells: np.ndarray, block: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yields rows and columns of all pairs of some frames, those that have ``cells``, block by block."""
    frames = np.flatnonzero(cells)
    cells, ends = cells[frames], np.cumsum(cells[frames])
    height, width = layout.truth_counts[frames], layout.track_counts[frames]
    truth, track = layout.truth_starts[frames], layout.track_starts[frames]
    begin = 0
    while begin < len(frames):
        done = int(ends[begin - 1]) if begin else 0
        some = slice(begin, max(begin + 1, int(np.searchsorted(ends, done + block, side="right"))))
        # a row for every annotation, then as many pairs as its frame has result boxes
        own = np.arange(height[some].sum()) + np.repeat(
            truth[some] - np.cumsum(height[some]) + height[some], height[some]
        )
        several, first = np.repeat(width[some], height[some]), np.repeat(track[some], height[some])
        yield (
            np.repeat(own, several),
            np.arange(cells[some].sum()) + np.repeat(first - np.cumsum(several) + several, several),
        )
        begin = some.stop


def _crowd(a: _Edges, b: _Edges, rows: slice, columns: slice) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of one frame, found in the matrix of all."""
    meet = a.left[rows, None] < b.right[columns]
    meet &= b.left[columns] < a.right[rows, None]
    meet &= a.upper[rows, None] < b.lower[columns]
    meet &= b.upper[columns] < a.lower[rows, None]
    row, column = np.divmod(np.flatnonzero(meet), columns.stop - columns.start)
    return row + rows.start, column + columns.start


def _meeting(a: _Edges, b: _Edges, row: np.ndarray, column: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Those of the listed pairs that meet."""
    meet = np.flatnonzero((a.left[row] < b.right[column]) & (b.left[column] < a.right[row]))
    row, column = row[meet], column[meet]
    meet = (a.upper[row] < b.lower[column]) & (b.upper[column] < a.lower[row])
    return row[meet], column[meet]


def _iou(a: _Edges, b: _Edges, row: np.ndarray, column: np.ndarray) -> np.ndarray:
    """The IoU of pairs that meet, in the order of operations of :func:`gnntrack.geometry.iou`."""
    width = np.minimum(a.right[row], b.right[column]) - np.maximum(a.left[row], b.left[column])
    height = np.minimum(a.lower[row], b.lower[column]) - np.maximum(a.upper[row], b.upper[column])
    shared = width * height
    return shared / (a.area[row] + b.area[column] - shared).clip(min=EPSILON)


def _take(boxes: Sequence, rows: np.ndarray) -> Sequence:
    if rows.all():
        return boxes
    return replace(boxes, embeddings=None).take(rows)
