"""What is known of every track: where it is, for how long it has been there, how sure its newest link was."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gnntrack.association.histories import BOX, CONFIDENCE, FRAME, NEWEST
from gnntrack.association.predictions import MIDDLE, predictions
from gnntrack.association.rivals import margins
from gnntrack.checks import LARGEST_COORDINATE
from gnntrack.geometry import CENTRE, CORNER, cxcywh_to_xywh
from gnntrack.state import State, checked


class MadeLinks(NamedTuple):
    """The L links that were made in the newest frame.

    Attributes:
        track: ``(L,)`` the tracks, ascending.
        probability: ``(L,)`` of each link.
        margin: ``(L,)`` how much more probable it was than the best other candidate of its track or its detection.
    """

    track: np.ndarray
    probability: np.ndarray
    margin: np.ndarray


class Compared(NamedTuple):
    """What was compared in the newest frame; :meth:`made` is only called by who asks.

    Attributes:
        track: ``(T,)`` the tracks.
        ends: ``(2, E)`` positions of a track and of a detection.
        probability: ``(E,)`` of each candidate.
        chosen: ``(L,)`` positions of the links among the candidates.
    """

    track: np.ndarray
    ends: np.ndarray
    probability: np.ndarray
    chosen: np.ndarray

    @classmethod
    def nothing(cls) -> Compared:
        """No tracks, or no detections."""
        none = np.zeros(0, dtype=np.int64)
        return cls(none, np.zeros((2, 0), dtype=np.int64), np.zeros(0), none)

    def made(self) -> MadeLinks:
        """The links, and what they were chosen over.

        Example:
            >>> ends = np.array([[0, 0, 1], [0, 1, 1]])
            >>> compared = Compared(np.array([7, 9]), ends, np.array([0.5, 0.25, 0.75]), np.array([0, 2]))
            >>> compared.made()
            MadeLinks(track=array([7, 9]), probability=array([0.5 , 0.75]), margin=array([0.25, 0.5 ]))
        """
        if not len(self.chosen):
            return MadeLinks(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0))
        probability, track = self.probability.astype(np.float64), self.track[self.ends[0, self.chosen]]
        margin, order = margins(self.ends, probability, self.chosen), np.argsort(track)
        return MadeLinks(track[order], probability[self.chosen][order], margin[order])


def links_state(made: MadeLinks) -> State:
    """The links of the newest frame, see :mod:`gnntrack.state`."""
    return {f"made.{name}": values.copy() for name, values in made._asdict().items()}


def links_of_state(state: State) -> MadeLinks:
    """The inverse of :func:`links_state`."""
    sizes: dict[str, int] = {}
    kinds = {"track": "i8", "probability": "f8", "margin": "f8"}
    return MadeLinks(*(checked(state, f"made.{name}", kind, "L", sizes=sizes) for name, kind in kinds.items()))


class TrackTable(NamedTuple):
    """All T tracks that are remembered, by their number; boxes are left, top, width, height.

    Attributes:
        track: ``(T,)`` the linker's number.
        confirmed: ``(T,)``.
        first: ``(T,)`` frame of the first detection.
        last: ``(T,)`` frame of the newest.
        hits: ``(T,)`` detections.
        row: ``(T,)`` position of the newest among the detections of its frame.
        box: ``(T, 4)`` the newest, as it was reported.
        confidence: ``(T,)`` of the newest.
        velocity: ``(T, 2)`` pixels a frame, over the last detections.
        predicted: ``(T, 4)`` where it should be now.
        probability: ``(T,)`` of the link in the newest frame; nan: there was none.
        margin: ``(T,)`` likewise.
    """

    track: np.ndarray
    confirmed: np.ndarray
    first: np.ndarray
    last: np.ndarray
    hits: np.ndarray
    row: np.ndarray
    box: np.ndarray
    confidence: np.ndarray
    velocity: np.ndarray
    predicted: np.ndarray
    probability: np.ndarray
    margin: np.ndarray


def track_table(
    track: np.ndarray,
    confirmed: np.ndarray,
    first: np.ndarray,
    row: np.ndarray,
    past: np.ndarray,
    count: np.ndarray,
    reported: np.ndarray | None,
    made: MadeLinks,
    frame: int,
) -> TrackTable:
    """The table of tracks with their histories.

    Args:
        track: ``(T,)``; this and the next three are fields of the table.
        confirmed: ``(T,)``.
        first: ``(T,)``.
        row: ``(T,)``.
        past: ``(T, LENGTH, 6)`` observations, newest first.
        count: ``(T,)`` how many there are.
        reported: ``(T, 4)`` the newest boxes as they were reported; None: as they were detected.
        made: the links of the newest frame.
        frame: now.
    """
    newest, still = past[:, NEWEST], np.zeros(len(track))
    before, after, now = (
        predictions(past, count, gap)[:, MIDDLE] for gap in (still, still + 1.0, frame - newest[:, FRAME])
    )
    predicted = cxcywh_to_xywh(now)
    predicted[:, CORNER] = np.clip(predicted[:, CORNER], -LARGEST_COORDINATE, LARGEST_COORDINATE)
    probability, margin = np.full((2, len(track)), np.nan)
    linked = np.isin(made.track, track)
    place = np.searchsorted(track, made.track[linked])
    probability[place], margin[place] = made.probability[linked], made.margin[linked]
    return TrackTable(
        track,
        confirmed,
        first,
        newest[:, FRAME].astype(np.int64),
        count,
        row,
        cxcywh_to_xywh(newest[:, BOX]) if reported is None else reported,
        newest[:, CONFIDENCE],
        after[:, CENTRE] - before[:, CENTRE],
        predicted,
        probability,
        margin,
    )
