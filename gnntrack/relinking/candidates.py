"""Candidate links between ends and beginnings of tracklets."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gnntrack.compiled import compiled
from gnntrack.relinking.ends import Ends
from gnntrack.relinking.feature_columns import LINE

#: For candidates: longest extrapolation of a tracklet on each side, in frames; largest distance, in heights; cost of a
#: factor e in height, in the same unit.
TRUSTED_FRAMES, LARGEST_DISTANCE, HEIGHT_RATIO_COST = 10.0, 8.0, 0.3
#: Ranks are clipped here, where no more candidates are kept.
LAST_RANK = 5
#: Where beginnings are at most so many times those in reach of an end, all are looked at: faster than a sort.
_FEW = 4
#: Positions in :data:`.feature_columns.FITTED` of the shorter and of the longer line.
SHORT, LONG = 0, 1


class Pieces(NamedTuple):
    """T tracklets, as compiled code takes them; see :class:`.tracklets.Tracklets`."""

    tail: Ends
    head: Ends
    following: np.ndarray
    weakest_link: np.ndarray
    size: np.ndarray
    group: np.ndarray


class Settled(NamedTuple):
    """Ends and beginnings of T tracklets that have no candidates.

    Attributes:
        tail: ``(T,)`` whether the successor of each is known.
        head: ``(T,)`` whether the predecessor of each is known.
    """

    tail: np.ndarray
    head: np.ndarray

    @classmethod
    def nothing(cls, count: int) -> Settled:
        """All is open."""
        return cls(np.zeros(count, dtype=bool), np.zeros(count, dtype=bool))


class Candidates(NamedTuple):
    """Possible links from ends to beginnings.

    Attributes:
        links: ``(2, E)`` tracklets of each, the earlier and the later; sorted.
        distance: ``(E,)`` in heights.
        ranks: ``(2, E)`` of the beginning for its end, and of the end for its beginning; at most :data:`LAST_RANK` or
            the number of candidates that are kept.
    """

    links: np.ndarray
    distance: np.ndarray
    ranks: np.ndarray


@compiled
def candidates(pieces: Pieces, settled: Settled, count: int, reach: int) -> Candidates:
    """The nearest ``count`` of every end and of every beginning of its group, over ``reach`` frames at most.

    Links of the tracker are always candidates.
    """
    links, distance = _possible(pieces, settled, reach)
    ranks = _ranks(links, distance, len(pieces.following), max(count, LAST_RANK))
    kept, number = np.empty(len(distance), dtype=np.int64), 0
    for link in range(len(distance)):
        near = distance[link] < LARGEST_DISTANCE and min(ranks[0, link], ranks[1, link]) < count
        if near or pieces.following[links[0, link]] == links[1, link]:
            kept[number] = link
            number += 1
    result = Candidates(np.empty((2, number), dtype=np.int64), np.empty(number), np.empty((2, number), dtype=np.int64))
    for row in range(number):
        link = kept[row]
        result.distance[row] = distance[link]
        for side in range(2):
            result.links[side, row], result.ranks[side, row] = links[side, link], ranks[side, link]
    return result


@compiled
def _possible(pieces: Pieces, settled: Settled, reach: int) -> tuple[np.ndarray, np.ndarray]:
    """All links ``(2, P)`` that are possible in time, and how far apart their ends are."""
    open_tails, open_heads = np.flatnonzero(~settled.tail), np.flatnonzero(~settled.head)
    tail, head, following, group = pieces.tail, pieces.head, pieces.following, pieces.group
    by_time = open_heads[np.argsort(head.frame[open_heads])]
    begins, possible = head.frame[by_time], 0
    first, stop = np.empty(len(open_tails), dtype=np.int64), np.empty(len(open_tails), dtype=np.int64)
    for place in range(len(open_tails)):
        end = tail.frame[open_tails[place]]
        first[place] = np.searchsorted(begins, end, side="right")
        stop[place] = np.searchsorted(begins, end + reach, side="right")
        possible += stop[place] - first[place] + 1
    links, number = np.empty((2, possible), dtype=np.int64), 0
    for place in range(len(open_tails)):
        one, near = open_tails[place], stop[place] - first[place]
        late = following[one] >= 0 and not settled.head[following[one]]
        late = late and head.frame[following[one]] > tail.frame[one] + reach
        if len(open_heads) <= _FEW * (near + 1):
            others = open_heads
        else:
            others = np.empty(near + 1, dtype=np.int64)
            for rank in range(near):
                others[rank] = by_time[first[place] + rank]
            others[near] = following[one] if late else one  # no tracklet follows itself
            others = np.sort(others)
        for other in others:
            begin = head.frame[other]
            possible_in_time = tail.frame[one] < begin <= tail.frame[one] + reach or (late and other == following[one])
            if possible_in_time and group[one] == group[other]:
                links[0, number], links[1, number] = one, other
                number += 1
    distance = np.empty(number)
    for link in range(number):
        one, other = links[0, link], links[1, link]
        ahead = min(head.frame[other] - tail.frame[one], 2.0 * TRUSTED_FRAMES) / 2.0
        after, before = tail.frame[one] + ahead, head.frame[other] - ahead
        away = 0.0
        for side in range(2):
            away += (
                on_line(tail.lines, one, SHORT, side, after) - on_line(head.lines, other, SHORT, side, before)
            ) ** 2
        high, low = tail.height[one], head.height[other]
        distance[link] = np.sqrt(away) / min(high, low) + HEIGHT_RATIO_COST * abs(np.log(high / low))
    return links[:, :number], distance


@compiled
def _ranks(links: np.ndarray, distance: np.ndarray, count: int, most: int) -> np.ndarray:
    """Ranks ``(2, P)`` of the beginning for its end, and of the end for its beginning, clipped at ``most``."""
    ranks = np.full(links.shape, most)
    for side in range(2):
        nearest, which = np.full((count, most), np.inf), np.full((count, most), -1)
        for link in range(len(distance)):
            end, place = links[side, link], most
            while place > 0 and distance[link] < nearest[end, place - 1]:
                place -= 1
                if place + 1 < most:
                    nearest[end, place + 1], which[end, place + 1] = nearest[end, place], which[end, place]
            if place < most:
                nearest[end, place], which[end, place] = distance[link], link
        for end in range(count):
            for place in range(most):
                if which[end, place] >= 0:
                    ranks[side, which[end, place]] = place
    return ranks


@compiled
def on_line(lines: np.ndarray, end: int | np.integer, fit: int, side: int, frame: float) -> float:
    """One side of the box on a line ``(T, len(FITTED), LINE_COLUMNS)`` at a frame."""
    return lines[end, fit, LINE.box + side] + lines[end, fit, LINE.velocity + side] * (
        frame - lines[end, fit, LINE.time]
    )
