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
        ranks: ``(2, E)`` of the beginning for its end, and of the end for its beginning.
    """

    links: np.ndarray
    distance: np.ndarray
    ranks: np.ndarray


def candidates(pieces: Pieces, settled: Settled, count: int, reach: int) -> Candidates:
    """The nearest ``count`` of every end and of every beginning of its group, over ``reach`` frames at most.

    Links of the tracker are always candidates.
    """
    links, distance = _possible(pieces, np.flatnonzero(~settled.tail), np.flatnonzero(~settled.head), reach)
    ranks = _ranks(links, np.argsort(distance, kind="stable"), len(pieces.following))
    near = (distance < LARGEST_DISTANCE) & (ranks.min(axis=0) < count)
    kept = near | (pieces.following[links[0]] == links[1])
    return Candidates(np.ascontiguousarray(links[:, kept]), distance[kept], np.ascontiguousarray(ranks[:, kept]))


@compiled
def _possible(
    pieces: Pieces, open_tails: np.ndarray, open_heads: np.ndarray, reach: int
) -> tuple[np.ndarray, np.ndarray]:
    """All links ``(2, P)`` that are possible in time, and how far apart their ends are."""
    tail, head, following, group = pieces.tail, pieces.head, pieces.following, pieces.group
    possible = 0
    for one in open_tails:
        for other in open_heads:
            gap = head.frame[other] - tail.frame[one]
            possible += gap > 0 and (gap <= reach or following[one] == other) and group[one] == group[other]
    links, distance, number = np.empty((2, possible), dtype=np.int64), np.empty(possible), 0
    for one in open_tails:
        for other in open_heads:
            gap = head.frame[other] - tail.frame[one]
            if gap > 0 and (gap <= reach or following[one] == other) and group[one] == group[other]:
                links[0, number], links[1, number] = one, other
                distance[number] = _distance(tail, one, head, other)
                number += 1
    return links, distance


@compiled
def _ranks(links: np.ndarray, order: np.ndarray, count: int) -> np.ndarray:
    """Ranks ``(2, P)`` of the beginning for its end, and of the end for its beginning, links taken in this order."""
    ranks, nearer = np.empty(links.shape, dtype=np.int64), np.zeros((2, count), dtype=np.int64)
    for link in order:
        for side in range(2):
            end = links[side, link]
            ranks[side, link] = nearer[side, end]
            nearer[side, end] += 1
    return ranks


@compiled
def _distance(tail: Ends, one: int | np.integer, head: Ends, other: int | np.integer) -> float:
    """How far apart, in heights, an end and a beginning are in the middle between them, each on its line."""
    ahead = min(head.frame[other] - tail.frame[one], 2.0 * TRUSTED_FRAMES) / 2.0
    away = 0.0
    for side in range(2):
        left = on_line(tail.lines[one, SHORT], side, tail.frame[one] + ahead)
        right = on_line(head.lines[other, SHORT], side, head.frame[other] - ahead)
        away += (left - right) ** 2
    high, low = tail.height[one], head.height[other]
    return np.sqrt(away) / min(high, low) + HEIGHT_RATIO_COST * abs(np.log(high / low))


@compiled
def on_line(line: np.ndarray, side: int, frame: float) -> float:
    """One side of the box on a line at a frame."""
    return line[LINE.box + side] + line[LINE.velocity + side] * (frame - line[LINE.time])
