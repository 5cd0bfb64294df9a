"""The errors of a real detector on annotated videos, kept as they were, to be copied onto other videos.

Tables of errors (:mod:`gnntrack.datasets.synthetic.detector_model`) hold for each box by itself. Where objects cross, the
errors of two boxes belong together and last: one is lost, the other grows over both, and later they part. Such
stretches are kept whole here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from gnntrack.array_saving import write_arrays
from gnntrack.datasets.synthetic.crossings import LEAST_IOU, Crossings, by_track, find_crossings
from gnntrack.datasets.synthetic.detector import moves_between
from gnntrack.datasets.synthetic.detector_model import FalsePositives
from gnntrack.datasets.synthetic.false_positives import BESIDE, in_background
from gnntrack.datasets.synthetic.measuring import Measured
from gnntrack.errors import DataError
from gnntrack.loaders.tensors import read_tensors
from gnntrack.recipes import parse
from gnntrack.sequence import Sequence

#: Shortest stretch of a track without a crossing that is copied.
SHORTEST_CALM = 8
#: Rows and videos that a file may hold.
MOST_ROWS, MOST_VIDEOS = 20_000_000, 100_000


@dataclass(frozen=True)
class CopiedErrors:
    """R annotated boxes of all videos, by video, identity and frame, and what a detector made of each.

    Attributes:
        video: ``(R,)`` number of the video of each, from 0.
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
    """

    video: np.ndarray
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

    def __len__(self) -> int:
        """Number of annotated boxes."""
        return len(self.video)


def keep_errors(pairs: Iterable[tuple[Sequence, Sequence]], description: str = "") -> CopiedErrors:
    """Keeps the errors of a detector.

    Args:
        pairs: annotations and detections of each video.
        description: kept beside them.

    Raises:
        DataError: nothing matches, so there is nothing to copy.

    Example:
        >>> from gnntrack.datasets.sample import sample
        >>> errors = keep_errors([(sample("TUD-Campus", "annotations"), sample("TUD-Campus", "detections"))])
        >>> len(errors), bool(errors.found.mean() > 0.6)
        (359, True)
    """
    measured = [Measured(truth, detections) for truth, detections in pairs]
    if not measured or not sum(item.found.sum() for item in measured):
        raise DataError("no detection matches an annotation", remedy="give videos that have both")
    parts = [_of_video(item, number) for number, item in enumerate(measured)]
    starts = np.cumsum([0, *(len(part) for part in parts)])
    joined: dict[str, Any] = {}
    for name in ("video", "found", "moves", "confidence", "beside_moves", "beside_confidence"):
        joined[name] = np.concatenate([getattr(part, name) for part in parts])
    for name in ("calm", "beside"):  # rows
        joined[name] = np.concatenate([getattr(part, name) + start for part, start in zip(parts, starts, strict=False)])
    shifts = np.repeat(starts[:-1], [len(part.crossings) for part in parts])[:, None]
    crossings = {f.name: np.concatenate([getattr(part.crossings, f.name) for part in parts]) for f in fields(Crossings)}
    for name in ("first", "last"):
        crossings[name] += shifts
    return CopiedErrors(
        **joined, crossings=Crossings(**crossings), background=in_background(measured), description=description
    )


def _of_video(item: Measured, number: int) -> CopiedErrors:
    order = by_track(item.truth)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    moves, confidence = np.zeros((len(order), 4)), np.zeros(len(order))
    moves[item.found], confidence[item.found] = item.moves, item.conf
    crossings, overlap = find_crossings(item.truth)
    false = item.false[item.overlap[item.false] > BESIDE]
    nearest = item.nearest[false]
    return CopiedErrors(
        np.full(len(order), number),
        item.found[order],
        moves[order],
        confidence[order],
        _calm(item.truth, order, overlap[order]),
        crossings,
        place[nearest],
        moves_between(item.truth.xywh[nearest], item.detections.xywh[false]),
        item.detections.boxes["conf"].to_numpy()[false],
        in_background([item]),
    )


def _calm(truth: Sequence, order: np.ndarray, overlap: np.ndarray) -> np.ndarray:
    """Stretches ``(S, 2)`` of frames in a row of one track in which no box overlaps another."""
    identity, frame = truth.boxes["id"].to_numpy()[order], truth.frames[order]
    alone = overlap <= LEAST_IOU
    goes_on = np.zeros(len(order), dtype=bool)
    goes_on[1:] = (np.diff(identity) == 0) & (np.diff(frame) == 1) & alone[1:] & alone[:-1]
    first = np.flatnonzero(~goes_on & alone)
    ends = np.append(np.flatnonzero(~goes_on), len(order))
    last = ends[np.searchsorted(ends, first, side="right")]
    long = last - first >= SHORTEST_CALM
    return np.column_stack([first[long], last[long]])


_ROWS = {"video": "i4", "found": "u1", "moves": "f2", "confidence": "f2", "calm": "i4"} | {
    "beside": "i4",
    "beside_moves": "f2",
    "beside_confidence": "f2",
}
_CROSSINGS = {"first": "i4", "last": "i4", "peak": "f2", "traits": "f4", "side": "i1"}


def save_errors(path: str | Path, errors: CopiedErrors) -> None:
    """Writes them as safetensors, atomically.

    Raises:
        DataError: the folder cannot be written or the disk is full.
    """
    arrays = {name: getattr(errors, name).astype(kind) for name, kind in _ROWS.items()}
    arrays |= {f"crossings.{name}": getattr(errors.crossings, name).astype(kind) for name, kind in _CROSSINGS.items()}
    about = {"description": errors.description, "background": json.dumps(errors.background.model_dump(mode="json"))}
    write_arrays(path, arrays, about)
