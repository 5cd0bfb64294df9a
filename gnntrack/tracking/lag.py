"""Tracks reported a fixed number of frames late: what is reported is final, and knows what came after it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gnntrack.errors import DataError
from gnntrack.relinking.window import WINDOW
from gnntrack.scalars import whole_number
from gnntrack.state import Layout, State, checked, require
from gnntrack.tracking.class_votes import ClassVotes
from gnntrack.tracking.detections import TRACK, TRACKED_CLASS, TRACKED_COLUMNS
from gnntrack.tracking.pipeline import Corrector

#: Longest lag, in frames: corrections look no farther back.
LONGEST_LAG = WINDOW - 1


@dataclass(frozen=True)
class WaitingFrame:
    """A frame that is not reported yet.

    Attributes:
        number: of the frame.
        rows: ``(M, 8)`` what :meth:`gnntrack.tracking.Tracker.update` returns of it, with boxes of tracks that were not
            confirmed yet.
        tracks: ``(M,)`` the linker's track of each row.
        confirmed: ``(M,)`` whether it was confirmed.
        given: the ``supervision.Detections`` that they came as; None: they came otherwise.
    """

    number: int
    rows: np.ndarray
    tracks: np.ndarray
    confirmed: np.ndarray
    given: Any


_LAYOUT: Layout = {
    "number": ("i8", "F"),
    "boxes": ("i8", "F"),
    "rows": ("f8", "M", TRACKED_COLUMNS),
    "tracks": ("i8", "M"),
    "confirmed": ("?", "M"),
}


class LaggedReport:
    """The frames that wait, first in, first out.

    A box of a track that is confirmed while it waits is reported with the others: tracks begin where they began.

    Args:
        lag: frames that wait.
        corrector: corrects identities; None: they are the tracks.
        votes: the classes of identities.
    """

    def __init__(self, lag: int, corrector: Corrector | None, votes: ClassVotes) -> None:
        self._lag, self._corrector, self._votes = lag, corrector, votes
        self._waiting: deque[WaitingFrame] = deque()

    def add(self, frame: WaitingFrame) -> WaitingFrame | None:
        """Takes a new frame, gives the one that is due, its identities final; None: none is."""
        self._waiting.append(frame)
        return self._next() if len(self._waiting) > self._lag else None

    def flush(self) -> list[WaitingFrame]:
        """All frames that wait, in order."""
        if self._corrector is not None:
            self._corrector.finish()
        return [self._next() for _ in range(len(self._waiting))]

    def state(self) -> State:
        """What waits, see :mod:`gnntrack.state`.

        Raises:
            DataError: detections of another library are among it.
        """
        if any(frame.given is not None for frame in self._waiting):
            problem = "supervision.Detections wait to be reported"
            raise DataError(problem, remedy="pass arrays to update, or use no lag, to save the tracker")
        return {
            "number": np.array([frame.number for frame in self._waiting], dtype=np.int64),
            "boxes": np.array([len(frame.rows) for frame in self._waiting], dtype=np.int64),
            "rows": np.concatenate([no_rows(), *(frame.rows for frame in self._waiting)]),
            "tracks": np.concatenate([np.zeros(0, dtype=np.int64), *(frame.tracks for frame in self._waiting)]),
            "confirmed": np.concatenate([np.zeros(0, dtype=bool), *(frame.confirmed for frame in self._waiting)]),
        }

    def restore(self, state: State) -> None:
        """Takes back what :meth:`state` gave."""
        sizes: dict[str, int] = {}
        found = {name: checked(state, name, *about, sizes=sizes) for name, about in _LAYOUT.items()}
        counts = found["boxes"]
        require(
            (counts >= 0).all() and counts.sum() == sizes["M"] and len(counts) <= self._lag, "other frames that wait"
        )
        frames, remembers = found["number"].tolist(), self._corrector
        known = remembers is None or [remembers.waiting(frame) for frame in frames] == counts.tolist()
        require(known, "other frames that wait")
        parts = (np.split(found[name], np.cumsum(counts)[:-1]) for name in ("rows", "tracks", "confirmed"))
        for number, rows, tracks, confirmed in zip(frames, *parts, strict=len(counts) > 0):
            self._waiting.append(WaitingFrame(number, rows, tracks, confirmed, None))

    def _next(self) -> WaitingFrame:
        confirmed = np.concatenate([frame.tracks[frame.confirmed] for frame in self._waiting])
        due = self._waiting.popleft()
        if not len(due.rows):
            return due
        ids = due.tracks if self._corrector is None else self._corrector.settled(due.number)
        kept = np.isin(due.tracks, confirmed)
        rows = due.rows[kept]
        rows[:, TRACK] = ids[kept]
        rows[:, TRACKED_CLASS] = self._votes.of(ids[kept], rows[:, TRACKED_CLASS])
        return replace(due, rows=rows)


def no_rows() -> np.ndarray:
    """What is reported while no frame is due ``(0, 8)``."""
    return np.empty((0, TRACKED_COLUMNS))


def checked_lag(lag: Any) -> int:
    """A lag in frames.

    Raises:
        DataError: it is not a whole number from 0 to :data:`LONGEST_LAG`.
    """
    number = whole_number(lag, "lag")
    if not 0 <= number <= LONGEST_LAG:
        raise DataError(f"lag {number}", remedy=f"give frames, 0 to {LONGEST_LAG}")
    return number
