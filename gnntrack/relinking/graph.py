"""The tracklet graph: ends of tracklets, beginnings of tracklets, and the links that could join them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gnntrack.association.appearance import appearance_features, nothing_known
from gnntrack.association.feature_columns import NEIGHBOUR_FEATURES
from gnntrack.association.graph import BipartiteGraph
from gnntrack.compiled import compiled
from gnntrack.relinking.ends import Ends, X, Y
from gnntrack.relinking.feature_columns import (
    FITTED,
    LINE,
    LINES,
    LINES_FEATURES,
    SIGNED,
    SIGNED_FEATURES,
    TRACKLET,
    TRACKLET_FEATURES,
    TRACKLET_PAIR,
    TRACKLET_PAIR_FEATURES,
    USUAL,
)
from gnntrack.relinking.tracklets import Tracklets
from gnntrack.sequence import View

#: Frames a second at which a frame of gap counts as one.
RATE = 30.0
#: Frames on each side that a tracklet's line is trusted when candidates are looked for, their farthest distance in
#: heights, and what a factor e in height counts as.
TRUST, FARTHEST, SIZE = 10.0, 8.0, 0.3
#: Ranks from here on are all the same.
LAST_RANK = 5
#: Positions in :data:`.feature_columns.FITTED` of the shorter and of the longer line.
_SHORT, _LONG = 0, 1


class TrackletGraph(NamedTuple):
    """The graph, and what its links are in terms of tracklets.

    Attributes:
        graph: the ends that have candidates came before, the beginnings that have some may follow.
        links: ``(2, E)`` tracklets of each candidate, the earlier and the later; sorted.
    """

    graph: BipartiteGraph
    links: np.ndarray


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
    tracklets: Tracklets,
    view: View,
    candidates: int,
    reach: int,
    settled: Settled | None = None,
    appearance: bool = False,
) -> TrackletGraph:
    """Every end of a tracklet against the beginnings that follow it.

    Args:
        tracklets: T of them.
        view: of the video.
        candidates: nearest partners kept of every end and of every beginning.
        reach: longest gap, in frames.
        settled: what is no longer a question; nothing, if it is left out.
        appearance: whether links know how alike the embeddings of their tracklets are.
    """
    settled = settled or Settled.nothing(len(tracklets))
    tail, head = tracklets.tail, tracklets.head
    links, distance, ranks = _candidates(tail, head, tracklets.following, *settled, candidates, reach)
    tails, source = np.unique(links[0], return_inverse=True)
    heads, target = np.unique(links[1], return_inverse=True)
    nobody = np.zeros((2, 0), dtype=np.int64)
    pairs = _pair_features(
        links,
        distance,
        ranks,
        tail,
        head,
        tracklets.following,
        tracklets.doubt,
        tracklets.size,
        float(view.frame_rate),
    )
    looks, ends = tracklets.appearance, np.stack([source, target])
    alike = appearance_features(looks[tails], looks[heads], ends) if appearance else nothing_known(ends)
    graph = BipartiteGraph(
        _end_features(tail, tails),
        _end_features(head, heads),
        np.stack([source, target + len(tails)]),
        pairs,
        nobody,
        np.zeros((0, NEIGHBOUR_FEATURES), dtype=np.float32),
        alike,
    )
    return TrackletGraph(graph, links)


@compiled
def _candidates(
    tail: Ends,
    head: Ends,
    following: np.ndarray,
    settled_tail: np.ndarray,
    settled_head: np.ndarray,
    count: int,
    reach: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Links ``(2, E)``, sorted, their distances in heights, and their ranks ``(2, E)`` for their ends and beginnings.

    What the tracker linked is a candidate however far away it is.
    """
    open_tails, open_heads = np.flatnonzero(~settled_tail), np.flatnonzero(~settled_head)
    possible = 0
    for one in open_tails:
        for other in open_heads:
            gap = head.frame[other] - tail.frame[one]
            possible += gap > 0 and (gap <= reach or following[one] == other)
    links, distance, number = np.empty((2, possible), dtype=np.int64), np.empty(possible), 0
    for one in open_tails:
        for other in open_heads:
            gap = head.frame[other] - tail.frame[one]
            if gap > 0 and (gap <= reach or following[one] == other):
                links[0, number], links[1, number] = one, other
                distance[number] = _distance(tail, one, head, other)
                number += 1
    ranks = np.empty((2, possible), dtype=np.int64)
    nearer = np.zeros((2, len(following)), dtype=np.int64)
    for link in np.argsort(distance, kind="mergesort"):
        for side in range(2):
            end = links[side, link]
            ranks[side, link] = nearer[side, end]
            nearer[side, end] += 1
    kept = np.empty(possible, dtype=np.bool_)
    for link in range(possible):
        near = distance[link] < FARTHEST and min(ranks[0, link], ranks[1, link]) < count
        kept[link] = near or following[links[0, link]] == links[1, link]
    return links[:, kept], distance[kept], ranks[:, kept]


@compiled
def _distance(tail: Ends, one: int | np.integer, head: Ends, other: int | np.integer) -> float:
    """How far apart, in heights, an end and a beginning are in the middle between them, each on its line."""
    ahead = min(head.frame[other] - tail.frame[one], 2.0 * TRUST) / 2.0
    away = 0.0
    for side in range(2):
        left = _on_line(tail.lines[one, _SHORT], side, tail.frame[one] + ahead)
        right = _on_line(head.lines[other, _SHORT], side, head.frame[other] - ahead)
        away += (left - right) ** 2
    high, low = tail.height[one], head.height[other]
    return np.sqrt(away) / min(high, low) + SIZE * abs(np.log(high / low))


@compiled
def _on_line(line: np.ndarray, side: int, frame: float) -> float:
    """One side of the box on a line at a frame."""
    return line[LINE.box + side] + line[LINE.velocity + side] * (frame - line[LINE.time])


def _end_features(ends: Ends, which: np.ndarray) -> np.ndarray:
    """``(len(which), TRACKLET_FEATURES)``."""
    line, usual, height = ends.lines[which, _LONG], ends.usual[which], ends.height[which, None]
    relative = slice(TRACKLET.relative, TRACKLET.off)
    x = np.empty((len(which), TRACKLET_FEATURES))
    x[:, TRACKLET.looked] = np.log(ends.looked[which]) / 2
    x[:, TRACKLET.boxes] = np.log(usual[:, USUAL.boxes]) / 3
    x[:, TRACKLET.confidence] = ends.confidence[which]
    x[:, relative] = usual[:, USUAL.near : USUAL.size]
    x[:, TRACKLET.off] = np.arcsinh(5 * line[:, LINE.off])
    x[:, TRACKLET.speed :] = np.arcsinh(10 * np.abs(line[:, LINE.velocity : LINE.velocity + 2]) / height)
    return x.astype(np.float32)


@compiled
def _pair_features(
    links: np.ndarray,
    distance: np.ndarray,
    ranks: np.ndarray,
    tail: Ends,
    head: Ends,
    following: np.ndarray,
    doubt: np.ndarray,
    size: np.ndarray,
    frame_rate: float,
) -> np.ndarray:
    """``(E, TRACKLET_PAIR_FEATURES)``: lengths in heights, logarithms of sizes, gaps; a mirror image has the same."""
    x = np.empty((links.shape[1], TRACKLET_PAIR_FEATURES), dtype=np.float32)
    begun = np.zeros(len(following), dtype=np.bool_)
    for one in range(len(following)):
        if following[one] >= 0:
            begun[following[one]] = True
    for link in range(links.shape[1]):
        i, j = links[0, link], links[1, link]
        height = np.sqrt(tail.height[i] * head.height[j])
        gap = head.frame[j] - tail.frame[i]
        frames = (0.5 * (tail.frame[i] + head.frame[j]), tail.frame[i], head.frame[j])
        forward = -1.0 if head.box[j, X] < tail.box[i, X] else 1.0  # sides are named by where the pair goes
        x[link, TRACKLET_PAIR.moved_down] = np.arcsinh(2.0 * (head.box[j, Y] - tail.box[i, Y]) / height)
        for fit in range(len(FITTED)):
            left, right = tail.lines[i, fit], head.lines[j, fit]
            lines = TRACKLET_PAIR.lines + LINES_FEATURES * fit
            signed = TRACKLET_PAIR.signed_lines + SIGNED_FEATURES * fit
            for place in range(3):
                for side in range(2):
                    apart = _on_line(left, side, frames[place]) - _on_line(right, side, frames[place])
                    x[link, lines + LINES.apart + 2 * place + side] = np.arcsinh(abs(2.0 * apart / height))
                    if place == 0:
                        turn = forward if side == 0 else 1.0
                        x[link, signed + SIGNED.apart + side] = np.arcsinh(2.0 * apart / height * turn)
            for side in range(2):
                speed = 20.0 / height * (forward if side == 0 else 1.0)
                velocity = LINE.velocity + side
                x[link, signed + SIGNED.tail_speed + side] = np.arcsinh(speed * left[velocity])
                x[link, signed + SIGNED.head_speed + side] = np.arcsinh(speed * right[velocity])
                x[link, lines + LINES.speed + side] = np.arcsinh(abs(speed * (left[velocity] - right[velocity])))
                grown = np.log(left[LINE.box + 2 + side] / right[LINE.box + 2 + side])
                x[link, lines + LINES.size + side] = np.arcsinh(abs((5.0 if side == 0 else 8.0) * grown))
            x[link, lines + LINES.off] = np.arcsinh(abs(5.0 * left[LINE.off]))
            x[link, lines + LINES.off + 1] = np.arcsinh(abs(5.0 * right[LINE.off]))
        for side in range(2):
            velocity = LINE.velocity + side
            moved = (head.box[j, side] - tail.box[i, side]) / height
            speed = 0.5 * (tail.lines[i, _LONG, velocity] + head.lines[j, _LONG, velocity]) / height
            panned = (head.camera[j, side] - tail.camera[i, side]) / height
            x[link, TRACKLET_PAIR.moved + side] = np.arcsinh(abs(2.0 * moved))
            x[link, TRACKLET_PAIR.moved_speed + side] = np.arcsinh(abs(2.0 * (moved - speed * gap)))
            x[link, TRACKLET_PAIR.moved_camera + side] = np.arcsinh(abs(2.0 * (moved - panned)))
        for column in range(USUAL.near, USUAL.boxes):
            apart = tail.usual[i, column] - head.usual[j, column]
            x[link, TRACKLET_PAIR.usual + column] = np.arcsinh(abs(10.0 * apart))
        surer = np.arcsinh(3.0 * (tail.confidence[i] - head.confidence[j]))
        same = 1.0 if following[i] == j else 0.0
        after = doubt[following[i]] if following[i] >= 0 else 0.0
        x[link, TRACKLET_PAIR.confidence_change] = abs(surer)
        x[link, TRACKLET_PAIR.surer] = surer
        x[link, TRACKLET_PAIR.gap] = 0.5 * np.log(gap)
        x[link, TRACKLET_PAIR.gap_at_rate] = 0.5 * np.log(gap / frame_rate * RATE)
        x[link, TRACKLET_PAIR.linked] = same
        x[link, TRACKLET_PAIR.linked_gap] = same * np.log(gap)
        x[link, TRACKLET_PAIR.linked_least] = same * after
        x[link, TRACKLET_PAIR.linked_doubt] = same * np.log(1.0 - min(after, 0.999)) / 3.0
        x[link, TRACKLET_PAIR.tail_least] = after
        x[link, TRACKLET_PAIR.head_least] = doubt[j]
        x[link, TRACKLET_PAIR.goes_on] = 1.0 if following[i] >= 0 else 0.0
        x[link, TRACKLET_PAIR.come_to] = 1.0 if begun[j] else 0.0
        x[link, TRACKLET_PAIR.looked] = np.log(tail.looked[i]) / 3.0
        x[link, TRACKLET_PAIR.looked + 1] = np.log(head.looked[j]) / 3.0
        x[link, TRACKLET_PAIR.boxes] = np.log(size[i]) / 3.0
        x[link, TRACKLET_PAIR.boxes + 1] = np.log(size[j]) / 3.0
        x[link, TRACKLET_PAIR.confidence] = tail.confidence[i]
        x[link, TRACKLET_PAIR.confidence + 1] = head.confidence[j]
        for side in range(2):
            x[link, TRACKLET_PAIR.rank + side] = min(ranks[side, link], LAST_RANK) / LAST_RANK
        x[link, TRACKLET_PAIR.distance] = 0.5 * min(distance[link], FARTHEST)
    return x
