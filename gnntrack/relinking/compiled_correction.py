"""The first half of a correction in one compiled call: tracklets of a window, what is settled, candidates, features."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gnntrack.association.histories import FRAME
from gnntrack.compiled import compiled
from gnntrack.relinking.both_ends import Asked, asked_of, ends_of
from gnntrack.relinking.candidates import Pieces, Settled, candidates
from gnntrack.relinking.cutting import by_track, cut
from gnntrack.relinking.graph import features_of
from gnntrack.relinking.window import split


class Prepared(NamedTuple):
    """N boxes of a window as T tracklets, and the E candidate links between these.

    Attributes:
        shown: ``(N,)`` the identity that each box has shown.
        of: ``(N,)`` the tracklet of each; −1: none.
        track: ``(T,)`` of each tracklet.
        key: ``(T,)`` by which tracklets are known later, ascending.
        links: ``(2, L)`` between tracklets that are final.
        candidates: ``(2, E)`` pairs of tracklets.
        tails: ``(A,)`` the tracklets whose ends have candidates.
        heads: ``(B,)`` those whose beginnings have candidates.
        ends: ``(2, E)`` positions in ``tails`` and ``heads``.
        past: ``(A, ·)`` features.
        future: ``(B, ·)`` features.
        pairs: ``(E, ·)`` features.
        chosen: see :class:`.cutting.Cut`, like ``edges``.
        edges: ``(T + 1,)``.
    """

    shown: np.ndarray
    of: np.ndarray
    track: np.ndarray
    key: np.ndarray
    links: np.ndarray
    candidates: np.ndarray
    tails: np.ndarray
    heads: np.ndarray
    ends: np.ndarray
    past: np.ndarray
    future: np.ndarray
    pairs: np.ndarray
    chosen: np.ndarray
    edges: np.ndarray


@compiled
def prepared(
    rows: np.ndarray, decided: np.ndarray, open_heads: float, count: int, reach: int, frame_rate: float
) -> tuple[np.ndarray, ...]:
    """Those of :class:`Prepared`.

    Args:
        rows: ``(N, ≥ WINDOW_COLUMNS)`` of the window.
        decided: ``(2, D)`` links that were decided before, as keys.
        open_heads: first frame in which a tracklet may begin whose predecessor is not final.
        count: nearest partners that are candidates.
        reach: longest gap, in frames.
        frame_rate: frames a second.
    """
    detections, track, probability, clear, relative, groups, shown = split(rows)
    order = by_track(track)
    made = cut(order, track, probability, clear)
    number = len(made.track)
    begin, key, group = np.empty(number), np.empty(number, dtype=np.int64), np.empty(number)
    size, settled = np.empty(number, dtype=np.int64), np.empty(number, dtype=np.bool_)
    for tracklet in range(number):
        first = made.chosen[made.edges[tracklet]]
        begin[tracklet], group[tracklet] = detections[first, FRAME], groups[first]
        key[tracklet] = (made.track[tracklet] << 32) + int(begin[tracklet])
        size[tracklet] = made.edges[tracklet + 1] - made.edges[tracklet]
        settled[tracklet] = begin[tracklet] < open_heads
    links, has_next = _final(decided, key, settled)
    asked = asked_of(detections, made, open_heads, float(reach))
    wanted = Asked(asked.tail & ~has_next, asked.head, asked.since)
    tail, head = ends_of(detections, order, track, relative, np.zeros((0, 2)), made, wanted)
    pieces = Pieces(tail, head, made.following, made.weakest_link, size, group)
    found = candidates(pieces, Settled(has_next, settled), count, reach)
    tails, heads, ends, past, future, pairs = features_of(found, pieces, frame_rate)
    about = shown, made.of, made.track, key, links, found.links, tails, heads, ends, past, future, pairs
    return (*about, made.chosen, made.edges)


@compiled
def _final(decided: np.ndarray, key: np.ndarray, settled: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The decided links ``(2, L)`` into tracklets that are settled, and which tracklets ``(T,)`` have one onwards."""
    has_next = np.zeros(len(key), dtype=np.bool_)
    links, number = np.empty(decided.shape, dtype=np.int64), 0
    for link in range(decided.shape[1]):
        source, target = np.searchsorted(key, decided[0, link]), np.searchsorted(key, decided[1, link])
        if max(source, target) == len(key) or key[source] != decided[0, link] or key[target] != decided[1, link]:
            continue  # it has left the window
        if settled[target]:
            links[0, number], links[1, number], has_next[source] = source, target, True
            number += 1
    return links[:, :number].copy(), has_next
