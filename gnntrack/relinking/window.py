"""The last frames of a stream and its tracks, kept for correcting identities online."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gnntrack.association.histories import BOX, COLUMNS, FRAME
from gnntrack.compiled import compiled
from gnntrack.geometry.camera_motion import moved
from gnntrack.relinking.cutting import SHORTEST
from gnntrack.relinking.surroundings import HIDDEN, Surroundings, find_surroundings, unseen

#: Length of the window, in frames.
WINDOW = 300
#: A track is not questioned if all its links through a crossing are more probable than this.
SURE = 0.85
#: Columns of a remembered box, after those of an observation; appearance follows. ``SETTLED`` is the identity that the
#: corrections since have given it.
TRACK, PROBABILITY, CLEAR, RELATIVE = COLUMNS, COLUMNS + 1, COLUMNS + 2, slice(9, 11)
SHOWN, SETTLED, GROUP, WINDOW_COLUMNS = 11, 12, 13, 14
_RELATIVE = RELATIVE.start


class KnownTracks(NamedTuple):
    """The K tracks that are kept.

    Attributes:
        tracks: ``(K,)`` their ids, ascending.
        shown: ``(K,)`` the identity that each shows.
        clear: ``(K,)`` frames for which each has been clear.
        least: ``(K,)`` least probable link of each since it was last clear for long enough.
        boxes: ``(K, 4)`` last box of each.
        last: ``(K,)`` frame of that box.
    """

    tracks: np.ndarray
    shown: np.ndarray
    clear: np.ndarray
    least: np.ndarray
    boxes: np.ndarray
    last: np.ndarray

    @classmethod
    def begun(cls, tracks: np.ndarray, shown: np.ndarray) -> KnownTracks:
        """New tracks."""
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

    def of(self, frame: int) -> np.ndarray:
        """The rows of one frame ``(M, width)``."""
        first, stop = np.searchsorted(self.rows[:, FRAME], (frame, frame + 1))
        return self.rows[first:stop]

    def restore(self, rows: np.ndarray) -> None:
        """Takes back the rows of an earlier window."""
        self._table = rows.copy()
        self._first, self._stop = 0, len(rows)

    def move(self, camera: np.ndarray) -> None:
        """Brings all boxes into the next image, by the camera's motion ``(2, 3)``."""
        self.rows[:, BOX] = moved(self.rows[:, BOX], camera)

    def forget(self, frame: int) -> None:
        """Drops the boxes that are too old at a frame."""
        self._first += int(np.searchsorted(self.rows[:, FRAME], frame - WINDOW, side="right"))

    def add(self, count: int, frame: int, width: int) -> np.ndarray:
        """Room for the boxes of a new frame ``(count, ≥ width)``, of zeros, to be written to."""
        if self._stop + count > len(self._table) or width > self._table.shape[1]:
            self.forget(frame)
            kept, room = self.rows, 2 * (self._stop - self._first + count)
            if room > len(self._table) or width > self._table.shape[1]:
                self._table = np.empty((room + 1024, max(width, self._table.shape[1])))
                self._table[: len(kept), kept.shape[1] :] = 0.0
            self._table[: len(kept), : kept.shape[1]] = kept
            self._first, self._stop = 0, len(kept)
        self._stop += count
        new = self._table[self._stop - count : self._stop]
        new[:] = 0.0
        return new


def note(
    detections: np.ndarray, ids: np.ndarray, probability: np.ndarray, known: KnownTracks, rows: np.ndarray
) -> tuple[np.ndarray, np.ndarray, bool]:
    """Adds the tracked boxes of a frame to the window, and updates for how long each track has been clear.

    Args:
        detections: ``(D, 6 + A)`` observations.
        ids: ``(D,)``.
        probability: ``(D,)``.
        known: K tracks; changed, except ids and shown identities.
        rows: ``(M, ≥ WINDOW_COLUMNS)`` of the window; is changed.

    Returns:
        The tracked detections, the position of the track of each in ``known``, and whether a track with an uncertain
        link has become clear again.
    """
    about = known.tracks, known.clear, known.least, known.boxes, known.last
    return _note(detections, ids, probability, *about, rows)


@compiled
def _note(
    detections: np.ndarray,
    ids: np.ndarray,
    probability: np.ndarray,
    tracks: np.ndarray,
    clear: np.ndarray,
    least: np.ndarray,
    boxes: np.ndarray,
    last: np.ndarray,
    rows: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, bool]:
    """See :func:`note`; the arrays of known tracks, without a class around them, are quicker to hand over."""
    tracked = np.flatnonzero(ids)
    place = np.searchsorted(tracks, np.abs(ids[tracked]))
    starts = np.array([0, len(tracked)])
    around = find_surroundings(detections, tracked, starts, place, boxes, last, HIDDEN)
    known = KnownTracks(tracks, tracks, clear, least, boxes, last)
    return tracked, place, _write(detections, tracked, place, probability, around, known, rows)


@compiled
def _write(
    detections: np.ndarray,
    tracked: np.ndarray,
    place: np.ndarray,
    probability: np.ndarray,
    around: Surroundings,
    known: KnownTracks,
    rows: np.ndarray,
) -> bool:
    """Fills the rows of the window, and counts for how long each track has been clear: see :func:`note`."""
    uncertain = False
    for row in range(len(tracked)):
        box, track = tracked[row], place[row]
        for column in range(COLUMNS):
            rows[row, column] = detections[box, column]
        rows[row, TRACK], rows[row, PROBABILITY] = known.tracks[track], probability[box]
        rows[row, CLEAR] = around.clear[box]
        for side in range(2):
            rows[row, _RELATIVE + side] = around.relative[box, side]
        known.clear[track] = known.clear[track] + 1 if around.clear[box] else 0
        known.least[track] = min(known.least[track], probability[box])
        if known.clear[track] >= SHORTEST:
            uncertain |= known.clear[track] == SHORTEST and known.least[track] < SURE
            known.least[track] = 1.0
    return uncertain


@compiled
def look(ids: np.ndarray, last: np.ndarray, oldest: float) -> tuple[int, int, bool]:
    """Tracked detections, the newest of their tracks, and whether a known track was last seen before ``oldest``.

    Args:
        ids: ``(D,)`` of the detections of a frame.
        last: ``(K,)`` frames in which known tracks were last seen.
        oldest: a frame.
    """
    count, newest, gone = 0, 0, False
    for number in ids:
        count += number != 0
        newest = max(newest, abs(number))
    for frame in last:
        gone |= frame < oldest
    return count, newest, gone


@compiled
def show(ids: np.ndarray, tracked: np.ndarray, place: np.ndarray, shown: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Identities ``(D,)`` with the signs of ``ids``, also written to the window's rows.

    Args:
        ids: ``(D,)`` of the tracks.
        tracked: ``(M,)`` the detections that have one.
        place: ``(M,)`` position of the track of each among the known.
        shown: ``(K,)`` identities of known tracks.
        rows: ``(M, ≥ WINDOW_COLUMNS)``.
    """
    result = ids.copy()
    for row in range(len(tracked)):
        identity = shown[place[row]]
        rows[row, SHOWN] = rows[row, SETTLED] = identity
        result[tracked[row]] = identity if ids[tracked[row]] > 0 else -identity
    return result


@compiled
def split(
    rows: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Observations ``(N, 6)``, track, probability, clear, relative, group and shown identity of boxes of a window."""
    count = len(rows)
    detections, relative = np.empty((count, COLUMNS)), np.empty((count, 2))
    track, clear, shown = (
        np.empty(count, dtype=np.int64),
        np.empty(count, dtype=np.bool_),
        np.empty(count, dtype=np.int64),
    )
    probability, group = np.empty(count), np.empty(count)
    for row in range(count):
        for column in range(COLUMNS):
            detections[row, column] = rows[row, column]
        for side in range(2):
            relative[row, side] = rows[row, _RELATIVE + side]
        track[row], shown[row], clear[row] = int(rows[row, TRACK]), int(rows[row, SHOWN]), rows[row, CLEAR] > 0
        probability[row], group[row] = rows[row, PROBABILITY], rows[row, GROUP]
    return detections, track, probability, clear, relative, group, shown
