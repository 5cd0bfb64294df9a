"""What is remembered of the last frames of a stream, and of its tracks, for correcting identities."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gnntrack.association.histories import COLUMNS, FRAME
from gnntrack.compiled import compiled
from gnntrack.relinking.tracklets import SHORTEST, look_around, unseen

#: Frames that are looked back on.
WINDOW = 300
#: A track all whose links through a crossing are more probable than this is not doubted.
SURE = 0.85
#: Columns of a remembered box, after those of an observation; appearance follows.
TRACK, PROBABILITY, CLEAR, RELATIVE, SHOWN, WIDTH = COLUMNS, COLUMNS + 1, COLUMNS + 2, slice(9, 11), 11, 12


class KnownTracks(NamedTuple):
    """K tracks that are remembered.

    Attributes:
        tracks: ``(K,)`` their names, ascending.
        shown: ``(K,)`` the identity that each shows.
        clear: ``(K,)`` frames for which each has been clear.
        least: ``(K,)`` least probable link of each since it was last clear for long enough.
        boxes: ``(K, 4)`` where each was seen last.
        last: ``(K,)`` frame in which that was.
    """

    tracks: np.ndarray
    shown: np.ndarray
    clear: np.ndarray
    least: np.ndarray
    boxes: np.ndarray
    last: np.ndarray

    @classmethod
    def begun(cls, tracks: np.ndarray, shown: np.ndarray) -> KnownTracks:
        """Tracks that were never seen before."""
        count = len(tracks)
        return cls(tracks, shown, np.zeros(count, dtype=np.int64), np.ones(count), *unseen(count))

    def take(self, mask: np.ndarray) -> KnownTracks:
        """Some of them."""
        return KnownTracks(*(values[mask] for values in self))

    def followed_by(self, others: KnownTracks) -> KnownTracks:
        """These and later ones."""
        return KnownTracks(*(np.concatenate(both) for both in zip(self, others, strict=True)))


class Window:
    """The boxes of the last frames, sorted by frame.

    Args:
        width: columns.
    """

    def __init__(self, width: int) -> None:
        self._table = np.zeros((1024, width))
        self._first = self._stop = 0

    @property
    def rows(self) -> np.ndarray:
        """``(N, width)``."""
        return self._table[self._first : self._stop]

    def forget(self, frame: int) -> None:
        """Drops the boxes that are too old at a frame."""
        self._first += int(np.searchsorted(self.rows[:, FRAME], frame - WINDOW, side="right"))

    def add(self, count: int, frame: int, width: int) -> np.ndarray:
        """Room for the boxes of a new frame ``(count, ≥ width)``, of zeros, to be written to."""
        if self._stop + count > len(self._table) or width > self._table.shape[1]:
            self.forget(frame)
            kept = self.rows
            self._table = np.zeros((2 * (len(kept) + count) + 1024, max(width, self._table.shape[1])))
            self._table[: len(kept), : kept.shape[1]] = kept
            self._first, self._stop = 0, len(kept)
        self._stop += count
        return self._table[self._stop - count : self._stop]


@compiled
def note(
    seen: np.ndarray, ids: np.ndarray, probability: np.ndarray, known: KnownTracks, rows: np.ndarray
) -> tuple[np.ndarray, np.ndarray, bool]:
    """Writes the tracked boxes of a frame to the window, and goes on counting for how long each track has been clear.

    Args:
        seen: ``(D, 6 + A)`` observations.
        ids: ``(D,)``.
        probability: ``(D,)``.
        known: K tracks; changed, but for their names and what they show.
        rows: ``(M, ≥ WIDTH)`` of the window; is changed.

    Returns:
        Which detections are tracked, where their tracks stand among those known, and whether a track is clear again
        that the tracker was not sure of.
    """
    tracked = np.flatnonzero(ids)
    place = np.searchsorted(known.tracks, np.abs(ids[tracked]))
    around = look_around(seen, tracked, np.array([0, len(tracked)]), place, known.boxes, known.last)
    doubtful = False
    for row in range(len(tracked)):
        box, track = tracked[row], place[row]
        rows[row, :COLUMNS] = seen[box, :COLUMNS]
        rows[row, TRACK], rows[row, PROBABILITY] = known.tracks[track], probability[box]
        rows[row, CLEAR], rows[row, RELATIVE] = around.clear[box], around.relative[box]
        known.clear[track] = known.clear[track] + 1 if around.clear[box] else 0
        known.least[track] = min(known.least[track], probability[box])
        if known.clear[track] >= SHORTEST:
            doubtful |= known.clear[track] == SHORTEST and known.least[track] < SURE
            known.least[track] = 1.0
    return tracked, place, doubtful
