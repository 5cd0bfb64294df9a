"""The class of a track: the one that most of its detections have, each as much as it is confident."""

from __future__ import annotations

import numpy as np

from gnntrack.compiled import compiled
from gnntrack.state import Layout, State, checked, require
from gnntrack.tracking.detections import CLASS, CONFIDENCE

#: Classes that are remembered of an identity; of more, the one with the fewest votes is forgotten.
MOST_CLASSES = 8
#: Place of the class that an identity has now; votes of a place that is free.
NOW, NONE = 0, -1.0
#: Identities that there is room for at first.
_ROOM = 64


_LAYOUT: Layout = {
    "identity": ("i8", "K"),
    "last": ("i8", "K"),
    "kinds": ("f8", "K", MOST_CLASSES),
    "votes": ("f8", "K", MOST_CLASSES),
}


def elected(identity: np.ndarray, kind: np.ndarray, confidence: np.ndarray) -> np.ndarray:
    """The class ``(N,)`` of every box of finished tracks; of classes with as many votes, the one that came first.

    Args:
        identity: ``(N,)`` of every box, in order of time.
        kind: ``(N,)`` its class.
        confidence: ``(N,)``.

    Example:
        >>> elected(np.array([1, 1, 1, 2]), np.array([3, 4, 3, 4]), np.array([0.5, 0.9, 0.6, 0.1])).tolist()
        [3, 3, 3, 4]
    """
    if not len(kind) or (kind == kind[0]).all():
        return kind
    _, track = np.unique(identity, return_inverse=True)
    _, number = np.unique(kind, return_inverse=True)
    _, first, place = np.unique(track * (number.max() + 1) + number, return_index=True, return_inverse=True)
    votes = np.bincount(place, confidence)
    order = np.lexsort([first, -votes, track[first]])
    best = np.flatnonzero(np.diff(track[first][order], prepend=-1))
    return kind[first[order[best]]][track]


class ClassVotes:
    """Counts the votes of a stream, identity by identity.

    A class that flips for a frame does not change what is reported; one that stays wins in the end.

    Args:
        memory: frames for which the votes of an identity that is not seen are kept.

    Example:
        >>> votes = ClassVotes(memory=60)
        >>> for frame, kind in enumerate([3.0, 3.0, 4.0]):
        ...     now = votes.count(np.array([7]), np.array([[0, 0, 9, 9, 0.9, kind]]), frame)
        >>> now.tolist()
        [3.0]
    """

    def __init__(self, memory: int) -> None:
        self.memory = memory
        self._size = 0
        self._identity = np.zeros(_ROOM, dtype=np.int64)  # ascending
        self._last = np.zeros(_ROOM, dtype=np.int64)  # frame in which each was seen
        self._kinds, self._votes = np.zeros((2, _ROOM, MOST_CLASSES))

    def count(self, identity: np.ndarray, detections: np.ndarray, frame: int) -> np.ndarray:
        """Counts the boxes of a frame; the class ``(D,)`` of the identity of each.

        Args:
            identity: ``(D,)``; below 0: of a track that is not confirmed yet; 0: none, its class is its own.
            detections: ``(D, 6)`` as :func:`.detections.detection_array` gives them.
            frame: its number.
        """
        if self._size + len(identity) > len(self._identity):
            self._make_room(len(identity), frame)
        table = self._identity, self._last, self._kinds, self._votes
        result, self._size = _count(*table, self._size, identity, detections, frame)
        return result

    def of(self, identity: np.ndarray, otherwise: np.ndarray | float) -> np.ndarray:
        """The class ``(K,)`` of identities by the votes so far; ``otherwise`` of those that have none."""
        place = np.minimum(np.searchsorted(self._identity[: self._size], identity), max(self._size - 1, 0))
        known = (self._identity[place] == identity) & (self._size > 0)
        return np.where(known, self._kinds[place, NOW], otherwise)

    def state(self) -> State:
        """What is remembered, see :mod:`gnntrack.state`."""
        return {name: getattr(self, f"_{name}")[: self._size].copy() for name in _LAYOUT}

    def restore(self, state: State) -> None:
        """Takes back what :meth:`state` gave."""
        sizes: dict[str, int] = {}
        found = {name: checked(state, name, *about, sizes=sizes) for name, about in _LAYOUT.items()}
        require((np.diff(found["identity"]) > 0).all(), "identities that are not in order")
        self._size = len(found["identity"])
        everything = np.arange(self._size)
        for name, values in found.items():
            setattr(self, f"_{name}", _moved(values, everything, _ROOM + 2 * self._size))

    def _make_room(self, count: int, frame: int) -> None:
        """Drops identities that were not seen for too long, and doubles the room if that does not help."""
        kept = np.flatnonzero(self._last[: self._size] >= frame - self.memory)
        room = max(_ROOM, 2 * (len(kept) + count))
        self._size = len(kept)
        self._identity, self._last = _moved(self._identity, kept, room), _moved(self._last, kept, room)
        self._kinds, self._votes = _moved(self._kinds, kept, room), _moved(self._votes, kept, room)


def _moved(values: np.ndarray, kept: np.ndarray, room: int) -> np.ndarray:
    result = np.zeros((room, *values.shape[1:]), values.dtype)
    result[: len(kept)] = values[kept]
    return result


@compiled
def _count(
    identities: np.ndarray,
    last: np.ndarray,
    kinds: np.ndarray,
    votes: np.ndarray,
    size: int,
    identity: np.ndarray,
    detections: np.ndarray,
    frame: int,
) -> tuple[np.ndarray, int]:
    """See :meth:`ClassVotes.count`: changes the first four, of which ``size`` rows are in use."""
    result = np.empty(len(identity))
    for row in range(len(identity)):
        result[row] = detections[row, CLASS]
        name = abs(identity[row])
        if name == 0:
            continue
        place = size
        if size > 0 and identities[size - 1] >= name:
            place, stop = 0, size - 1
            while place < stop:  # the first identity that is not below
                middle = (place + stop) // 2
                if identities[middle] < name:
                    place = middle + 1
                else:
                    stop = middle
        if place == size or identities[place] != name:
            for later in range(size, place, -1):
                identities[later], last[later] = identities[later - 1], last[later - 1]
                for slot in range(MOST_CLASSES):
                    kinds[later, slot], votes[later, slot] = kinds[later - 1, slot], votes[later - 1, slot]
            identities[place] = name
            for slot in range(MOST_CLASSES):
                votes[place, slot] = NONE
            size += 1
        last[place] = frame
        slot = _slot(kinds[place], votes[place], detections[row, CLASS])
        votes[place, slot] += detections[row, CONFIDENCE]
        if votes[place, slot] > votes[place, NOW]:
            kinds[place, slot], kinds[place, NOW] = kinds[place, NOW], kinds[place, slot]
            votes[place, slot], votes[place, NOW] = votes[place, NOW], votes[place, slot]
        result[row] = kinds[place, NOW]
    return result, size


@compiled
def _slot(kinds: np.ndarray, votes: np.ndarray, kind: float) -> int:
    """Where the votes of a class stand: its place, else a free one, else that of the class with the fewest."""
    weakest = MOST_CLASSES - 1
    for slot in range(MOST_CLASSES):
        if votes[slot] == NONE:
            weakest = slot
            break
        if kinds[slot] == kind:
            return slot
        if slot != NOW and votes[slot] < votes[weakest]:
            weakest = slot
    kinds[weakest], votes[weakest] = kind, 0.0
    return weakest
