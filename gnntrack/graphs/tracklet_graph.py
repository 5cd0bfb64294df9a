"""The tracklet graph: ends of tracklets, beginnings of tracklets, and the links that could join them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gnntrack.graphs.association import AssociationGraph, View
from gnntrack.graphs.association_features import NEIGHBOUR_FEATURES
from gnntrack.graphs.tracklets import FITTED, Ends, Tracklets

TRACKLET_FEATURES, TRACKLET_PAIR_FEATURES = 10, 70
#: Frames a second at which a frame of gap counts as one.
RATE = 30.0
#: Frames on each side that a tracklet's line is trusted when candidates are looked for, their farthest distance in
#: heights, and what a factor e in height counts as.
TRUST, FARTHEST, SIZE = 10.0, 8.0, 0.3
#: Ranks from here on are all the same.
LAST_RANK = 5
_SHORT = 0
_TIME, _MEAN, _VELOCITY, _OFF = 0, slice(1, 5), slice(5, 9), 9


class Settled(NamedTuple):
    """Ends and beginnings of T tracklets that have no candidates.

    Attributes:
        tail: ``(T,)`` whether what follows each is known.
        head: ``(T,)`` whether what comes before each is known.
    """

    tail: np.ndarray
    head: np.ndarray

    @classmethod
    def nothing(cls, count: int) -> Settled:
        """All is open."""
        return cls(np.zeros(count, dtype=bool), np.zeros(count, dtype=bool))


def tracklet_graph(
    tracklets: Tracklets, view: View, candidates: int, reach: int, settled: Settled | None = None
) -> AssociationGraph:
    """Every end of a tracklet against the beginnings that follow it.

    In the terms of :class:`AssociationGraph` the ends are the tracks and the beginnings are the detections.

    Args:
        tracklets: T of them.
        view: of the video.
        candidates: nearest partners kept of every end and of every beginning.
        reach: longest gap, in frames.
        settled: what is no longer a question; nothing, if it is left out.
    """
    settled = settled or Settled.nothing(len(tracklets))
    links, distance, rank_tail, rank_head = _candidates(tracklets, candidates, reach, settled)
    nobody = np.zeros((2, 0), dtype=np.int64)
    return AssociationGraph(
        _end_features(tracklets.tail),
        _end_features(tracklets.head),
        links + np.array([[0], [len(tracklets)]]),
        _pair_features(tracklets, links, view, distance, rank_tail, rank_head),
        nobody,
        np.zeros((0, NEIGHBOUR_FEATURES), dtype=np.float32),
    )


def _candidates(
    tracklets: Tracklets, count: int, reach: int, settled: Settled
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Links ``(2, E)``, their distances in heights, and their ranks among those of their end and of their beginning."""
    tail, head = tracklets.tail, tracklets.head
    tails, order = np.flatnonzero(~settled.tail), np.flatnonzero(~settled.head)
    order = order[np.argsort(head.frame[order], kind="stable")]
    first = np.searchsorted(head.frame[order], tail.frame[tails], side="right")
    last = np.searchsorted(head.frame[order], tail.frame[tails] + reach, side="right")
    many = last - first
    source = np.repeat(tails, many)
    target = order[np.arange(len(source)) - np.repeat(np.cumsum(many) - many, many) + np.repeat(first, many)]
    # what the tracker linked over a longer gap is a candidate too
    late = tails[tracklets.following[tails] >= 0]
    late = late[~settled.head[tracklets.following[late]]]
    late = late[head.frame[tracklets.following[late]] - tail.frame[late] > reach]
    source, target = np.append(source, late), np.append(target, tracklets.following[late])
    ahead = np.minimum(head.frame[target] - tail.frame[source], 2.0 * TRUST)[:, None] / 2.0
    left = _at(tail, source, _SHORT, tail.frame[source, None] + ahead)
    right = _at(head, target, _SHORT, head.frame[target, None] - ahead)
    high, low = tail.height[source], head.height[target]
    away = np.linalg.norm((left - right)[:, :2], axis=1)
    distance = away / np.minimum(high, low) + SIZE * np.abs(np.log(high / low))
    rank_tail, rank_head = _ranks(source, distance), _ranks(target, distance)
    near = (distance < FARTHEST) & ((rank_tail < count) | (rank_head < count))
    kept = near | (tracklets.following[source] == target)
    kept = np.flatnonzero(kept)
    kept = kept[np.lexsort([target[kept], source[kept]])]
    return np.stack([source, target])[:, kept], distance[kept], rank_tail[kept], rank_head[kept]


def _ranks(group: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Rank of every value, from 0, among those of its group."""
    order = np.lexsort([value, group])
    ordered = group[order]
    start = np.searchsorted(ordered, ordered)
    rank = np.empty(len(group), dtype=np.int64)
    rank[order] = np.arange(len(group)) - start
    return rank


def _at(ends: Ends, which: np.ndarray, fit: int, frame: np.ndarray) -> np.ndarray:
    """Boxes ``(E, 4)`` on the lines of some ends, at frames ``(E, 1)``."""
    line = ends.lines[which, fit]
    boxes: np.ndarray = line[:, _MEAN] + line[:, _VELOCITY] * (frame - line[:, _TIME, None])
    return boxes


def _end_features(ends: Ends) -> np.ndarray:
    """``(T, TRACKLET_FEATURES)``."""
    long, height = ends.lines[:, -1], ends.height
    columns = [
        np.log(ends.count) / 2,
        np.log(ends.usual[:, 6]) / 3,
        ends.confidence,
        *ends.usual[:, :4].T,
        np.arcsinh(5 * long[:, _OFF]),
        np.arcsinh(10 * np.abs(long[:, 5]) / height),
        np.arcsinh(10 * np.abs(long[:, 6]) / height),
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def _pair_features(
    tracklets: Tracklets,
    links: np.ndarray,
    view: View,
    distance: np.ndarray,
    rank_tail: np.ndarray,
    rank_head: np.ndarray,
) -> np.ndarray:
    """``(E, TRACKLET_PAIR_FEATURES)``: lengths in heights, logarithms of sizes, gaps; a mirror image has the same."""
    tail, head = tracklets.tail, tracklets.head
    i, j = links
    height = np.sqrt(tail.height[i] * head.height[j])[:, None]
    gap = head.frame[j] - tail.frame[i]
    middle = 0.5 * (tail.frame[i] + head.frame[j])
    moved = (head.box[j] - tail.box[i])[:, :2] / height
    ahead = np.where(moved[:, :1] < 0, [-1.0, 1.0], [1.0, 1.0])  # sides are named by where the pair goes
    lengths: list[np.ndarray] = []
    turned = [2 * moved[:, 1]]
    for fit in range(len(FITTED)):
        left, right = tail.lines[i, fit], head.lines[j, fit]
        for frame in (middle, tail.frame[i], head.frame[j]):
            apart = _at(tail, i, fit, frame[:, None]) - _at(head, j, fit, frame[:, None])
            lengths += [*(2 * apart[:, :2] / height).T]
            if frame is middle:
                turned += [*(2 * ahead * apart[:, :2] / height).T]
        turned += [*(20 * ahead * left[:, 5:7] / height).T, *(20 * ahead * right[:, 5:7] / height).T]
        lengths += [*(20 * (left[:, 5:7] - right[:, 5:7]) / height).T]
        lengths += [5 * np.log(left[:, 3] / right[:, 3]), 8 * np.log(left[:, 4] / right[:, 4])]
        lengths += [5 * left[:, _OFF], 5 * right[:, _OFF]]
    speed = 0.5 * (tail.lines[i, -1, 5:7] + head.lines[j, -1, 5:7]) / height
    panned = (head.camera[j] - tail.camera[i]) / height
    for apart in (moved, moved - speed * gap[:, None], moved - panned):
        lengths += [*(2 * apart).T]
    usual = (tail.usual[i] - head.usual[j])[:, :6]
    surer = 3 * (tail.confidence[i] - head.confidence[j])
    lengths += [*(10 * usual).T, surer]
    same = (tracklets.following[i] == j).astype(float)
    goes_on = tracklets.following[i] >= 0
    begun = np.zeros(len(tracklets), dtype=bool)
    begun[tracklets.following[tracklets.following >= 0]] = True
    after = np.where(goes_on, tracklets.doubt[tracklets.following[i]], 0.0)
    others = [
        np.arcsinh(surer),
        np.log(gap) / 2,
        np.log(gap / view.frame_rate * RATE) / 2,
        same,
        same * np.log(gap),
        same * after,
        same * np.log(1.0 - np.minimum(after, 0.999)) / 3,
        after,
        tracklets.doubt[j],
        goes_on,
        begun[j],
        *(np.log(column) / 3 for column in (tail.count[i], head.count[j], tracklets.size[i], tracklets.size[j])),
        tail.confidence[i],
        head.confidence[j],
        np.minimum(rank_tail, LAST_RANK) / LAST_RANK,
        np.minimum(rank_head, LAST_RANK) / LAST_RANK,
        np.minimum(distance, FARTHEST) / 2,
    ]
    columns = [*np.arcsinh(np.abs(np.stack(lengths))), *np.arcsinh(np.stack(turned)), *others]
    return np.stack(columns, axis=1).astype(np.float32)
