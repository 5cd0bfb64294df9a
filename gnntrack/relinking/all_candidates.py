"""The candidate links of a whole video: ends of tracklets are taken in order of time, some at a time."""

from __future__ import annotations

import numpy as np

from gnntrack.relinking.candidates import Candidates, Settled, candidates
from gnntrack.relinking.cutting import NO_TRACKLET
from gnntrack.relinking.graph import pieces_of
from gnntrack.relinking.tracklets import Tracklets

#: Ends whose candidates are looked for at once.
AT_ONCE = 4096


def candidates_of_video(tracklets: Tracklets, settled: Settled, count: int, reach: int) -> Candidates:
    """As :func:`.candidates.candidates`: some ends at a time, with all that they could be linked to, and its rivals.

    Args:
        tracklets: T of them.
        settled: ends and beginnings that are already decided.
        count: nearest partners kept of every end and of every beginning.
        reach: longest gap, in frames.
    """
    tails, heads = np.flatnonzero(~settled.tail), np.flatnonzero(~settled.head)
    if len(tails) <= AT_ONCE:
        return candidates(pieces_of(tracklets), settled, count, reach)
    tails = tails[np.argsort(tracklets.tail.frame[tails], kind="stable")]
    heads = heads[np.argsort(tracklets.head.frame[heads], kind="stable")]
    preceding = predecessors(tracklets)
    parts = []
    for first in range(0, len(tails), AT_ONCE):
        own = tails[first : first + AT_ONCE]
        begin = _reached(tracklets, heads, own, ~settled.head, reach)
        end = np.union1d(own, _rivals(tracklets, tails, begin, preceding, ~settled.tail, reach))
        some = np.union1d(end, begin)
        here = Settled(~np.isin(some, end), ~np.isin(some, begin))
        near = candidates(pieces_of(tracklets.take(some)), here, count, reach)
        links = some[near.links]
        kept = np.isin(links[0], own)
        parts.append((links[:, kept], near.distance[kept], near.ranks[:, kept]))
    links, distance, ranks = (np.concatenate(values, axis=-1) for values in zip(*parts, strict=True))
    order = np.lexsort(links[::-1])
    return Candidates(np.take(links, order, axis=1), distance[order], np.take(ranks, order, axis=1))


def predecessors(tracklets: Tracklets) -> np.ndarray:
    """``(T,)`` the tracklet before each on its track, −1: none."""
    result = np.full(len(tracklets), NO_TRACKLET)
    followed = np.flatnonzero(tracklets.following >= 0)
    result[tracklets.following[followed]] = followed
    return result


def _reached(tracklets: Tracklets, heads: np.ndarray, own: np.ndarray, is_open: np.ndarray, reach: int) -> np.ndarray:
    """The open beginnings that some ends may be linked to; ``heads`` and ``own`` in order of time."""
    first, last = tracklets.tail.frame[own[0]], tracklets.tail.frame[own[-1]]
    low, high = np.searchsorted(tracklets.head.frame[heads], [first, last + reach], side="right")
    late = tracklets.following[own]
    late = late[late >= 0]  # at any distance
    return np.union1d(heads[low:high], late[is_open[late]])


def _rivals(
    tracklets: Tracklets, tails: np.ndarray, begin: np.ndarray, preceding: np.ndarray, is_open: np.ndarray, reach: int
) -> np.ndarray:
    """The open ends that some beginnings may be linked to; ``tails`` in order of time."""
    ends, frame = tracklets.tail.frame[tails], tracklets.head.frame[begin]
    change = np.bincount(np.searchsorted(ends, frame - reach), minlength=len(tails) + 1)
    change -= np.bincount(np.searchsorted(ends, frame), minlength=len(tails) + 1)
    early = preceding[begin]
    early = early[early >= 0]  # at any distance
    return np.union1d(tails[np.cumsum(change)[:-1] > 0], early[is_open[early]])
