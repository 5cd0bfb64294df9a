"""The errors of a real detector on annotated videos, kept as they were, to be copied onto other videos.

Tables of errors (:mod:`gnntrack.datasets.synthetic.detector_model`) hold for each box by itself. Where objects cross,
the errors of two boxes belong together and last: one is lost, the other grows over both, and later they part. Such
stretches are kept whole here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from gnntrack.datasets.synthetic.crossings import LEAST_IOU, Crossings, by_track, find_crossings
from gnntrack.datasets.synthetic.detector_model import FalsePositives
from gnntrack.datasets.synthetic.false_positives import BESIDE, in_background
from gnntrack.datasets.synthetic.hardness import Hardness
from gnntrack.datasets.synthetic.measuring import Measured
from gnntrack.datasets.synthetic.moves import moves_between
from gnntrack.errors import DataError
from gnntrack.sequence import Sequence

#: Shortest stretch of a track without a crossing that is copied.
SHORTEST_CALM = 8
#: A video copies from so many others.
DONORS = 3


@dataclass(frozen=True, eq=False)
class CopiedErrors:
    """R annotated boxes of all videos, by video, identity and frame, and what a detector made of each.

    Attributes:
        lengths: ``(V,)`` annotated boxes of each video.
        found: ``(R,)`` whether it was detected.
        moves: ``(R, 4)`` from the annotated box to the detected one: in box sizes, and log size ratios; 0 if missed.
        confidence: ``(R,)`` of the detection; 0 if missed.
        calm: ``(S, 2)`` first row, and row after the last, of stretches of tracks in which nothing crosses.
        crossings: pairs of such stretches in which two objects cross.
        beside: ``(X,)`` the row that each false positive beside an object belongs to.
        beside_moves: ``(X, 4)`` from that row's annotated box to the false positive.
        beside_confidence: ``(X,)``.
        background: the other false positives.
        description: what was measured.
        hardness: how much harder than they were the errors are made.
    """

    lengths: np.ndarray
    found: np.ndarray
    moves: np.ndarray
    confidence: np.ndarray
    calm: np.ndarray
    crossings: Crossings
    beside: np.ndarray
    beside_moves: np.ndarray
    beside_confidence: np.ndarray
    background: FalsePositives
    description: str = ""
    hardness: Hardness = field(default_factory=Hardness)

    def __len__(self) -> int:
        """Number of annotated boxes."""
        return len(self.found)


def keep_errors(
    pairs: Iterable[tuple[Sequence, Sequence]], description: str = "", hardness: Hardness | None = None
) -> CopiedErrors:
    """Keeps the errors of a detector.

    Args:
        pairs: annotations and detections of each video.
        description: kept beside them.
        hardness: how much harder they are made when they are copied; by default as :class:`Hardness` is.

    Raises:
        DataError: nothing matches, so there is nothing to copy.

    Example:
        >>> from gnntrack.datasets.sample import sample
        >>> errors = keep_errors([(sample("TUD-Campus", "annotations"), sample("TUD-Campus", "detections"))])
        >>> len(errors), bool(errors.found.mean() > 0.5)
        (359, True)
    """
    measured = [Measured(truth, detections, follow=True) for truth, detections in pairs]
    if not measured or not sum(item.found.sum() for item in measured):
        raise DataError("no detection matches an annotation", remedy="give videos that have both")
    background = in_background(measured)
    parts = [_of_video(item, background) for item in measured]
    starts = np.cumsum([0, *(len(part) for part in parts[:-1])])
    joined: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts]) for name in _PLAIN}
    for name in _NUMBERS:
        joined[name] = np.concatenate([getattr(part, name) + start for part, start in zip(parts, starts, strict=True)])
    shift = np.repeat(starts, [len(part.crossings) for part in parts])[:, None]
    crossings = {f.name: np.concatenate([getattr(part.crossings, f.name) for part in parts]) for f in fields(Crossings)}
    crossings |= {name: crossings[name] + shift for name in ("first", "last")}
    kept = CopiedErrors(**joined, crossings=Crossings(**crossings), background=background, description=description)
    return kept if hardness is None else replace(kept, hardness=hardness)


#: What holds for each row, video or false positive by itself, and numbers of rows.
_PLAIN = ("lengths", "found", "moves", "confidence", "beside_moves", "beside_confidence")
_NUMBERS = ("calm", "beside")


def _of_video(item: Measured, background: FalsePositives) -> CopiedErrors:
    order = by_track(item.truth)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    moves, confidence = np.zeros((len(order), 4)), np.zeros(len(order))
    moves[item.found], confidence[item.found] = item.moves, item.conf
    crossings, overlap = find_crossings(item.truth)
    false = item.false[item.overlap[item.false] > BESIDE]
    beside = place[item.nearest[false]]
    by_row = np.argsort(beside, kind="stable")
    false, beside = false[by_row], beside[by_row]
    return CopiedErrors(
        lengths=np.array([len(order)]),
        found=item.found[order],
        moves=moves[order],
        confidence=confidence[order],
        calm=_calm(item.truth, order, overlap[order]),
        crossings=crossings,
        beside=beside,
        beside_moves=moves_between(item.truth.xywh[item.nearest[false]], item.detections.xywh[false]),
        beside_confidence=item.detections.boxes["conf"].to_numpy()[false],
        background=background,
    )


def _calm(truth: Sequence, order: np.ndarray, overlap: np.ndarray) -> np.ndarray:
    """Stretches ``(S, 2)`` of frames in a row of one track in which no box overlaps another; all, if there is none."""
    identity, frame = truth.boxes["id"].to_numpy()[order], truth.frames[order]
    in_a_row = np.zeros(len(order), dtype=bool)
    in_a_row[1:] = (np.diff(identity) == 0) & (np.diff(frame) == 1)
    alone = overlap <= LEAST_IOU
    calm = _stretches(in_a_row, alone)
    calm = calm[np.diff(calm).ravel() >= SHORTEST_CALM]
    return calm if len(calm) else _stretches(in_a_row, np.ones(len(order), dtype=bool))


def _stretches(in_a_row: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """First row and row after the last ``(S, 2)`` of what is wanted and follows on what is before it."""
    goes_on = in_a_row & wanted
    goes_on[1:] &= wanted[:-1]
    first = np.flatnonzero(wanted & ~goes_on)
    ends = np.append(np.flatnonzero(~goes_on), len(wanted))
    return np.column_stack([first, ends[np.searchsorted(ends, first, side="right")]])


def for_one_video(errors: CopiedErrors, rng: np.random.Generator) -> CopiedErrors:
    """The errors of at most :data:`DONORS` videos, drawn, as hard as one video draws."""
    hardness = Hardness.always(errors.hardness.draw(rng))
    videos = np.flatnonzero(errors.lengths)
    chosen = np.sort(rng.permutation(videos)[:DONORS])
    video = np.repeat(np.arange(len(errors.lengths)), errors.lengths)
    kept = np.isin(video, chosen)
    number = np.append(np.cumsum(kept) - kept, kept.sum())  # of each row among those kept
    calm = errors.calm[kept[errors.calm.min(1)]]
    beside, those = kept[errors.beside], kept[errors.crossings.first].all(1)
    crossings = Crossings(**{f.name: getattr(errors.crossings, f.name)[those] for f in fields(Crossings)})
    return replace(
        errors,
        lengths=errors.lengths[chosen],
        found=errors.found[kept],
        moves=errors.moves[kept],
        confidence=errors.confidence[kept],
        calm=number[calm],
        crossings=replace(crossings, first=number[crossings.first], last=number[crossings.last]),
        beside=number[errors.beside[beside]],
        beside_moves=errors.beside_moves[beside],
        beside_confidence=errors.beside_confidence[beside],
        hardness=hardness,
    )
