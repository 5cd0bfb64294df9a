"""Features of ends of tracklets, and of the candidate links between them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gnntrack.compiled import compiled
from gnntrack.geometry.boxes import WIDTH, X, Y
from gnntrack.geometry.logarithms import inverse_sines, logarithms
from gnntrack.relinking.candidates import LARGEST_DISTANCE, LAST_RANK, LONG, Candidates, Pieces, on_line
from gnntrack.relinking.ends import Ends
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

#: Reference frame rate of gaps.
RATE = 30.0
#: Candidates whose features are made together.
_BLOCK = 64


class Nodes(NamedTuple):
    """The nodes of a tracklet graph.

    Attributes:
        tails: ``(A,)`` the tracklets whose ends have candidates, ascending.
        heads: ``(B,)`` those whose beginnings have candidates, ascending.
        source: ``(E,)`` position in ``tails`` of the earlier tracklet of each candidate.
        target: ``(E,)`` position in ``heads`` of the later one.
    """

    tails: np.ndarray
    heads: np.ndarray
    source: np.ndarray
    target: np.ndarray


@compiled
def nodes(links: np.ndarray, count: int) -> Nodes:
    """The nodes of candidates ``(2, E)`` between ``count`` tracklets."""
    tails, source = _nodes(links[0], count)
    heads, target = _nodes(links[1], count)
    return Nodes(tails, heads, source, target)


@compiled
def _nodes(ends: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The tracklets that occur, and the position of each end ``(E,)`` among them."""
    place = np.full(count, -1)
    for end in ends:
        place[end] = 0
    which, number = np.empty(count, dtype=np.int64), 0
    for tracklet in range(count):
        if place[tracklet] >= 0:
            which[number] = tracklet
            place[tracklet] = number
            number += 1
    return which[:number].copy(), place[ends]


@compiled
def end_features(ends: Ends, which: np.ndarray) -> np.ndarray:
    """``(len(which), TRACKLET_FEATURES)``."""
    x = np.empty((len(which), TRACKLET_FEATURES), dtype=np.float32)
    for row in range(len(which)):
        end = which[row]
        line, usual = ends.lines[end, LONG], ends.usual[end]
        x[row, TRACKLET.used] = np.log(ends.used[end]) / 2.0
        x[row, TRACKLET.boxes] = np.log(usual[USUAL.boxes]) / 3.0
        x[row, TRACKLET.confidence] = ends.confidence[end]
        for column in range(USUAL.near, USUAL.size):
            x[row, TRACKLET.relative + column] = usual[column]
        x[row, TRACKLET.off] = np.arcsinh(5.0 * line[LINE.off])
        for side in range(2):
            x[row, TRACKLET.speed + side] = np.arcsinh(10.0 * abs(line[LINE.velocity + side]) / ends.height[end])
    return x


@compiled
def pair_features(found: Candidates, pieces: Pieces, of: Nodes, frame_rate: float) -> np.ndarray:
    """``(E, TRACKLET_PAIR_FEATURES)``: lengths in heights, logarithms of sizes, gaps; invariant to flips."""
    count = found.links.shape[1]
    x = np.empty((count, TRACKLET_PAIR_FEATURES), dtype=np.float32)
    sizes = _log_sizes(pieces.tail, of.tails), _log_sizes(pieces.head, of.heads)
    begun = np.zeros(len(pieces.following), dtype=np.bool_)
    for one in range(len(begun)):
        if pieces.following[one] >= 0:
            begun[pieces.following[one]] = True
    for first in range(0, count, _BLOCK):
        block = np.empty((TRACKLET_PAIR_FEATURES, min(_BLOCK, count - first)))
        _moved(found, first, pieces, block)
        _sizes(of, first, sizes, block)
        _links(found, first, pieces, block, frame_rate, begun)
        inverse_sines(block[: TRACKLET_PAIR.gap].reshape(-1))  # the columns before are lengths
        for place in range(block.shape[1]):
            for column in range(TRACKLET_PAIR_FEATURES):
                x[first + place, column] = block[column, place]
    return x


@compiled
def _log_sizes(ends: Ends, which: np.ndarray) -> np.ndarray:
    """Logarithms ``(len(which), len(FITTED), 2)`` of widths and heights on the lines of some ends."""
    sizes = np.empty((len(which), len(FITTED), 2))
    for row in range(len(which)):
        for fit in range(len(FITTED)):
            for side in range(2):
                sizes[row, fit, side] = ends.lines[which[row], fit, LINE.box + WIDTH + side]
    logarithms(sizes.reshape(-1))
    return sizes


@compiled
def _sizes(of: Nodes, first: int, sizes: tuple[np.ndarray, np.ndarray], x: np.ndarray) -> None:
    """How much candidates grow, before that is bent, from their logarithms: fills a block ``x``."""
    for place in range(x.shape[1]):
        tail, head = of.source[first + place], of.target[first + place]
        for fit in range(len(FITTED)):
            for side in range(2):
                grown = sizes[0][tail, fit, side] - sizes[1][head, fit, side]
                column = TRACKLET_PAIR.lines + LINES_FEATURES * fit + LINES.size + side
                x[column, place] = abs((5.0 if side == 0 else 8.0) * grown)


@compiled
def _moved(found: Candidates, first: int, pieces: Pieces, x: np.ndarray) -> None:
    """What is known of the motion of both ends of candidates, before lengths are bent: fills a block ``x``."""
    tail, head = pieces.tail, pieces.head
    for place in range(x.shape[1]):
        i, j = found.links[0, first + place], found.links[1, first + place]
        height = np.sqrt(tail.height[i] * head.height[j])
        gap = head.frame[j] - tail.frame[i]
        frames = (0.5 * (tail.frame[i] + head.frame[j]), tail.frame[i], head.frame[j])
        forward = -1.0 if head.box[j, X] < tail.box[i, X] else 1.0  # signed along the motion of the pair
        x[TRACKLET_PAIR.moved_down, place] = 2.0 * (head.box[j, Y] - tail.box[i, Y]) / height
        for fit in range(len(FITTED)):
            lines = TRACKLET_PAIR.lines + LINES_FEATURES * fit
            signed = TRACKLET_PAIR.signed_lines + SIGNED_FEATURES * fit
            for side in range(2):
                turn, velocity = (forward if side == 0 else 1.0), LINE.velocity + side
                for moment in range(3):
                    apart = on_line(tail.lines, i, fit, side, frames[moment])
                    apart -= on_line(head.lines, j, fit, side, frames[moment])
                    x[lines + LINES.apart + 2 * moment + side, place] = abs(2.0 * apart / height)
                    if moment == 0:
                        x[signed + SIGNED.apart + side, place] = 2.0 * apart / height * turn
                speed, left, right = 20.0 / height * turn, tail.lines[i, fit, velocity], head.lines[j, fit, velocity]
                x[signed + SIGNED.tail_speed + side, place] = speed * left
                x[signed + SIGNED.head_speed + side, place] = speed * right
                x[lines + LINES.speed + side, place] = abs(speed * (left - right))
            x[lines + LINES.off, place] = abs(5.0 * tail.lines[i, fit, LINE.off])
            x[lines + LINES.off + 1, place] = abs(5.0 * head.lines[j, fit, LINE.off])
        for side in range(2):
            velocity = LINE.velocity + side
            moved = (head.box[j, side] - tail.box[i, side]) / height
            speed = 0.5 * (tail.lines[i, LONG, velocity] + head.lines[j, LONG, velocity]) / height
            panned = (head.camera[j, side] - tail.camera[i, side]) / height
            x[TRACKLET_PAIR.moved + side, place] = abs(2.0 * moved)
            x[TRACKLET_PAIR.moved_speed + side, place] = abs(2.0 * (moved - speed * gap))
            x[TRACKLET_PAIR.moved_camera + side, place] = abs(2.0 * (moved - panned))


@compiled
def _links(found: Candidates, first: int, pieces: Pieces, x: np.ndarray, frame_rate: float, begun: np.ndarray) -> None:
    """What else is known of candidates, before changes are bent: fills a block ``x``.

    ``begun (T,)``: whether the track of each tracklet has one before it.
    """
    tail, head, following, weakest_link, size, _ = pieces
    for place in range(x.shape[1]):
        link = first + place
        i, j = found.links[0, link], found.links[1, link]
        log_gap = np.log(head.frame[j] - tail.frame[i])
        for column in range(USUAL.near, USUAL.boxes):
            x[TRACKLET_PAIR.usual + column, place] = abs(10.0 * (tail.usual[i, column] - head.usual[j, column]))
        surer = 3.0 * (tail.confidence[i] - head.confidence[j])
        same = 1.0 if following[i] == j else 0.0
        after = weakest_link[following[i]] if following[i] >= 0 else 0.0
        unsure = np.log(1.0 - min(after, 0.999)) / 3.0 if same > 0.0 else 0.0
        x[TRACKLET_PAIR.confidence_change, place] = abs(surer)
        x[TRACKLET_PAIR.surer, place] = surer
        x[TRACKLET_PAIR.gap, place] = 0.5 * log_gap
        x[TRACKLET_PAIR.gap_at_rate, place] = 0.5 * (log_gap - np.log(frame_rate / RATE))
        x[TRACKLET_PAIR.linked, place] = same
        x[TRACKLET_PAIR.linked_gap, place] = same * log_gap
        x[TRACKLET_PAIR.linked_least, place] = same * after
        x[TRACKLET_PAIR.linked_log_complement, place] = unsure
        x[TRACKLET_PAIR.tail_least, place] = after
        x[TRACKLET_PAIR.head_least, place] = weakest_link[j]
        x[TRACKLET_PAIR.has_next, place] = 1.0 if following[i] >= 0 else 0.0
        x[TRACKLET_PAIR.has_previous, place] = 1.0 if begun[j] else 0.0
        x[TRACKLET_PAIR.used, place] = np.log(tail.used[i]) / 3.0
        x[TRACKLET_PAIR.used + 1, place] = np.log(head.used[j]) / 3.0
        x[TRACKLET_PAIR.boxes, place] = np.log(size[i]) / 3.0
        x[TRACKLET_PAIR.boxes + 1, place] = np.log(size[j]) / 3.0
        x[TRACKLET_PAIR.confidence, place] = tail.confidence[i]
        x[TRACKLET_PAIR.confidence + 1, place] = head.confidence[j]
        for side in range(2):
            x[TRACKLET_PAIR.rank + side, place] = min(found.ranks[side, link], LAST_RANK) / LAST_RANK
        x[TRACKLET_PAIR.distance, place] = 0.5 * min(found.distance[link], LARGEST_DISTANCE)
