"""Cutting tracks into tracklets, compiled: boxes in order of track and time, and runs of clear ones."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gnntrack.compiled import compiled

#: Clear boxes in a row that make a tracklet.
SHORTEST = 3
NO_TRACKLET = -1
#: Tracks may be numbered up to so many times the boxes to be counted; others are sorted.
_SPREAD = 64


class Cut(NamedTuple):
    """Tracks of N boxes, cut into T tracklets, by track and time.

    Attributes:
        of: ``(N,)`` the tracklet of every box; −1: none.
        track: ``(T,)`` of each tracklet.
        following: ``(T,)`` the next tracklet of the same track; −1: none.
        weakest_link: ``(T,)`` the least probable link since the one before.
        chosen: ``(C,)`` the boxes of tracklets, in order.
        edges: ``(T + 1,)`` where each tracklet begins among these, and C.
    """

    of: np.ndarray
    track: np.ndarray
    following: np.ndarray
    weakest_link: np.ndarray
    chosen: np.ndarray
    edges: np.ndarray


@compiled
def by_track(track: np.ndarray) -> np.ndarray:
    """The tracked boxes by track and time, ``(M,)``.

    Args:
        track: ``(N,)`` of boxes by time; below 1: none.

    Example:
        >>> by_track(np.array([2, 0, 1, 2, 1])).tolist(), by_track(np.array([10**15, 0, 7, 10**15])).tolist()
        ([2, 4, 0, 3], [2, 0, 3])
    """
    low, high, number = 0, 0, 0
    for one in track:
        if one > 0:
            low = one if number == 0 else min(low, one)
            high = max(high, one)
            number += 1
    if high - low > _SPREAD * (number + 1):
        tracked = np.flatnonzero(track > 0)
        return tracked[np.argsort(track[tracked], kind="mergesort")]
    order, begin = np.empty(number, dtype=np.int64), np.zeros(high - low + 2, dtype=np.int64)
    for one in track:  # few numbers in between: the boxes of each track are counted
        if one > 0:
            begin[one - low + 1] += 1
    for place in range(1, len(begin)):
        begin[place] += begin[place - 1]
    for row in range(len(track)):
        if track[row] > 0:
            order[begin[track[row] - low]] = row
            begin[track[row] - low] += 1
    return order


@compiled
def cut(order: np.ndarray, track: np.ndarray, probability: np.ndarray, clear: np.ndarray) -> Cut:
    """Tracklets of boxes that are by time: see :func:`.tracklets.find_tracklets`.

    Args:
        order: ``(M,)`` the tracked ones, by track and time.
        track: ``(N,)``.
        probability: ``(N,)``.
        clear: ``(N,)``.
    """
    numbers = _number(track, clear, order)
    of, number, count = np.full(len(track), NO_TRACKLET), 0, 0
    for place in range(len(order)):
        of[order[place]] = numbers[place]
        number = max(number, numbers[place] + 1)
        count += numbers[place] >= 0
    chosen, edges = np.empty(count, dtype=np.int64), np.zeros(number + 1, dtype=np.int64)
    names, following = np.empty(number, dtype=np.int64), np.full(number, NO_TRACKLET)
    count = 0
    for place in range(len(order)):
        tracklet = numbers[place]
        if tracklet >= 0:
            chosen[count] = order[place]
            count += 1
            edges[tracklet + 1], names[tracklet] = count, track[order[place]]
    for tracklet in range(number - 1):
        if names[tracklet] == names[tracklet + 1]:
            following[tracklet] = tracklet + 1
    return Cut(of, names, following, _weakest_links(numbers, track, probability, order, number), chosen, edges)


@compiled
def _number(track: np.ndarray, clear: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Numbers the runs of at least :data:`SHORTEST` clear boxes; a track that has none is one tracklet as it is."""
    result = np.full(len(order), NO_TRACKLET)
    count, first = 0, 0
    while first < len(order):
        last = first
        while last < len(order) and track[order[last]] == track[order[first]]:
            last += 1
        before, run = count, first
        while run < last:
            stop = run
            while stop < last and clear[order[stop]]:
                stop += 1
            if stop - run >= SHORTEST:
                result[run:stop] = count
                count += 1
            run = stop + 1
        if count == before:
            result[first:last] = count
            count += 1
        first = last
    return result


@compiled
def _weakest_links(
    of: np.ndarray, track: np.ndarray, probability: np.ndarray, order: np.ndarray, count: int
) -> np.ndarray:
    """The least probable of the links from the end of each tracklet to the beginning of the next of its track."""
    result = np.zeros(count)
    least, known = 1.0, False
    for place in range(len(of)):
        row = order[place]
        if place == 0 or track[row] != track[order[place - 1]]:
            least, known = 1.0, False
        else:
            least = min(least, probability[row])
        if of[place] >= 0:
            if known and of[place] != of[place - 1]:
                result[of[place]] = least
            least, known = 1.0, True
    return result
