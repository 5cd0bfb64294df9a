"""What is settled: links that are final, and identities, one for every box, no two alike in a frame."""

from __future__ import annotations

import numpy as np

from gnntrack.compiled import compiled
from gnntrack.relinking.candidates import Settled
from gnntrack.relinking.tracklets import Tracklets

#: Frames after which a decision is final.
SETTLED_AFTER = 60


def settle(tracklets: Tracklets, links: np.ndarray, frame: int) -> Settled:
    """What is final at a frame: links into tracklets that started more than :data:`SETTLED_AFTER` frames ago.

    Args:
        tracklets: T of them.
        links: ``(2, L)`` between them, as far as they are known.
        frame: now.
    """
    head = tracklets.head.frame < open_heads(frame)
    tail = np.zeros(len(tracklets), dtype=bool)
    tail[links[0, head[links[1]]]] = True
    return Settled(tail, head)


def open_heads(frame: int) -> int:
    """First frame in which a tracklet may begin whose predecessor is not final."""
    return frame - SETTLED_AFTER


@compiled
def exchanged(old: np.ndarray, new: np.ndarray) -> np.ndarray:
    """New identities ``(K,)`` of tracks, where those that have none (0) get what others have left.

    Example:
        >>> exchanged(np.array([1, 2, 3]), np.array([2, 0, 3])).tolist()
        [2, 1, 3]
    """
    new = new.copy()
    for place in range(len(new)):
        if new[place] == 0:
            left = place  # a track whose old identity may be free
            owner = _place(new, old[left])
            while owner >= 0:  # no cycle: identities differ, and this track owns none
                left = owner
                owner = _place(new, old[left])
            new[place] = old[left]
    return new


@compiled
def _place(values: np.ndarray, wanted: int) -> int:
    """Where a value is; −1: nowhere."""
    for place in range(len(values)):
        if values[place] == wanted:
            return place
    return -1


def apart(wanted: np.ndarray, first: np.ndarray, unused: int) -> np.ndarray:
    """Identities of the boxes of one frame, no two alike.

    Of boxes that want the same identity, the one that had it at first keeps it; the others keep what they had at first,
    or get a new one where that is taken.

    Args:
        wanted: ``(M,)``.
        first: ``(M,)`` identities that differ.
        unused: the first identity that nobody has had.

    Example:
        >>> apart(np.array([5, 5, 7]), np.array([6, 5, 7]), 10).tolist()
        [6, 5, 7]
        >>> apart(np.array([5, 5, 6]), np.array([6, 5, 8]), 10).tolist()
        [10, 5, 6]
    """
    result = wanted.copy()
    same = np.lexsort([first != wanted, wanted])  # the rightful owner comes first
    again = same[1:][wanted[same[1:]] == wanted[same[:-1]]]
    taken = set(np.delete(wanted, again).tolist())
    for row in again.tolist():
        result[row] = int(first[row]) if int(first[row]) not in taken else unused
        unused += int(result[row] == unused)
        taken.add(int(result[row]))
    return result


def tracklet_of_every_box(of: np.ndarray, track: np.ndarray, probability: np.ndarray) -> np.ndarray:
    """The tracklet of every box, also of those that are not clear: up to the weakest link, that before them.

    Args:
        of: ``(N,)`` tracklet of each box, by track and time; −1: not clear.
        track: ``(N,)``.
        probability: ``(N,)`` of the link to each box.

    Returns:
        ``(N,)``; −1: nothing clear lies before on its track.

    Example:
        >>> of = np.array([0, 0, -1, -1, -1, 1, -1])
        >>> tracklet_of_every_box(of, np.ones(7), np.array([0.9, 0.9, 0.8, 0.4, 0.7, 0.9, 0.6])).tolist()
        [0, 0, 0, 1, 1, 1, 1]
    """
    place = np.arange(len(of))
    before = np.maximum.accumulate(np.where(of >= 0, place, -1))
    after = np.minimum.accumulate(np.where(of >= 0, place, len(of))[::-1])[::-1]
    unclear = np.flatnonzero((of < 0) & (before >= 0))
    unclear = unclear[track[before[unclear]] == track[unclear]]
    result = of.copy()
    result[unclear] = of[before[unclear]]
    unclear = unclear[after[unclear] < len(of)]
    unclear = unclear[track[after[unclear]] == track[unclear]]
    # of every stretch between two clear boxes, the first of its weakest links
    by_weakness = unclear[np.lexsort([unclear, probability[unclear], before[unclear]])]
    stretch, first = np.unique(before[by_weakness], return_index=True)
    cut = by_weakness[first][np.searchsorted(stretch, before[unclear])]
    later = unclear[unclear >= cut]
    result[later] = of[after[later]]
    return result
