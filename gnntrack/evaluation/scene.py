"""What is evaluated: a video's annotations and result side by side, with every overlap, found once."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gnntrack.geometry import EPSILON
from gnntrack.sequence import Sequence

#: Pairs of boxes that are looked at together: bounds the memory of temporaries, whatever the length of the video.
BLOCK = 1 << 17


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
        frames = np.union1d(truth.frames, tracks.frames)
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

    Only pairs whose horizontal extents can meet are looked at: result boxes are sorted by their left edge, and two
    binary searches find those that begin left of an annotation's right edge, and not too far left of it.

    Args:
        truth: the annotations.
        tracks: the result.
        block: pairs that are looked at together.
    """
    if not len(truth) or not len(tracks):
        return Overlaps(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    left, upper, right, lower, area = _edges(truth)
    other_left, other_upper, other_right, other_lower, other_area = _edges(tracks)
    first, last, order = _candidates(truth.frames, left, right, tracks.frames, other_left, other_right)
    ends = np.cumsum(last - first)
    parts, begin = [], 0
    while begin < len(ends):
        done = int(ends[begin - 1]) if begin else 0
        end = max(begin + 1, int(np.searchsorted(ends, done + block, side="right")))
        counts = (last - first)[begin:end]
        row = np.repeat(np.arange(begin, end), counts)
        place = np.arange(len(row)) - np.repeat(ends[begin:end] - counts - done, counts)
        column = order[first[row] + place]
        width = np.minimum(right[row], other_right[column]) - np.maximum(left[row], other_left[column])
        meet = width > 0
        row, column, width = row[meet], column[meet], width[meet]
        height = np.minimum(lower[row], other_lower[column]) - np.maximum(upper[row], other_upper[column])
        shared = width * height
        meet = (height > 0) & (shared > 0)
        row, column, shared = row[meet], column[meet], shared[meet]
        value = shared / (area[row] + other_area[column] - shared).clip(min=EPSILON)
        sort = np.lexsort((column, row))
        parts.append((row[sort], column[sort], value[sort]))
        begin = end
    row, column, value = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Overlaps(row, column, value)


def _edges(boxes: Sequence) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Left, upper, right and lower edges, and the area between them."""
    left, upper, width, height = (boxes.boxes[name].to_numpy() for name in ("x", "y", "w", "h"))
    right, lower = left + width, upper + height
    return left, upper, right, lower, (right - left).clip(min=0) * (lower - upper).clip(min=0)


def _candidates(
    frame: np.ndarray,
    left: np.ndarray,
    right: np.ndarray,
    other_frame: np.ndarray,
    other_left: np.ndarray,
    other_right: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each box the run of others that may overlap it: first and last place in an order of the others."""
    order = np.lexsort((other_left, other_frame))
    frames, starts = np.unique(other_frame, return_index=True)
    ends = np.append(starts[1:], len(other_frame))
    widest = np.maximum.reduceat(other_right - other_left, starts)
    place = np.searchsorted(frames, frame)
    there = frames[np.minimum(place, len(frames) - 1)] == frame
    place = np.where(there, place, 0)
    # one number a box that grows with frame, then left edge: a single search serves all frames
    low = min(left.min(), other_left.min())
    span = max(right.max(), other_left.max()) - low + 1.0
    key = np.repeat(np.arange(len(frames)), ends - starts) * span + (other_left[order] - low)
    margin = 8 * np.spacing(len(frames) * span + span)
    first = np.searchsorted(key, place * span + (left - low) - widest[place] - margin)
    last = np.searchsorted(key, place * span + (right - low) + margin, side="right")
    first, last = np.maximum(first, starts[place]), np.minimum(last, ends[place])
    return first, np.where(there, np.maximum(last, first), first), order


def _take(boxes: Sequence, rows: np.ndarray) -> Sequence:
    if rows.all():
        return boxes
    return replace(boxes, embeddings=None).take(rows)
