"""Features of ends of tracklets, and of the candidate links between them."""

from __future__ import annotations

import numpy as np

from gnntrack.compiled import compiled
from gnntrack.geometry.boxes import WIDTH, X, Y
from gnntrack.relinking.candidates import LARGEST_DISTANCE, LONG, Candidates, Pieces, on_line
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
#: Ranks are clipped here.
LAST_RANK = 5


def end_features(ends: Ends, which: np.ndarray) -> np.ndarray:
    """``(len(which), TRACKLET_FEATURES)``."""
    line, usual, height = ends.lines[which, LONG], ends.usual[which], ends.height[which, None]
    relative = slice(TRACKLET.relative, TRACKLET.off)
    x = np.empty((len(which), TRACKLET_FEATURES))
    x[:, TRACKLET.used] = np.log(ends.used[which]) / 2
    x[:, TRACKLET.boxes] = np.log(usual[:, USUAL.boxes]) / 3
    x[:, TRACKLET.confidence] = ends.confidence[which]
    x[:, relative] = usual[:, USUAL.near : USUAL.size]
    x[:, TRACKLET.off] = np.arcsinh(5 * line[:, LINE.off])
    x[:, TRACKLET.speed :] = np.arcsinh(10 * np.abs(line[:, LINE.velocity : LINE.velocity + 2]) / height)
    return x.astype(np.float32)


@compiled
def pair_features(found: Candidates, pieces: Pieces, frame_rate: float) -> np.ndarray:
    """``(E, TRACKLET_PAIR_FEATURES)``: lengths in heights, logarithms of sizes, gaps; invariant to flips."""
    links, distance, ranks = found
    tail, head, following, weakest_link, size, _ = pieces
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
        forward = -1.0 if head.box[j, X] < tail.box[i, X] else 1.0  # signed along the motion of the pair
        x[link, TRACKLET_PAIR.moved_down] = np.arcsinh(2.0 * (head.box[j, Y] - tail.box[i, Y]) / height)
        for fit in range(len(FITTED)):
            left, right = tail.lines[i, fit], head.lines[j, fit]
            lines = TRACKLET_PAIR.lines + LINES_FEATURES * fit
            signed = TRACKLET_PAIR.signed_lines + SIGNED_FEATURES * fit
            for place in range(3):
                for side in range(2):
                    apart = on_line(left, side, frames[place]) - on_line(right, side, frames[place])
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
                grown = np.log(left[LINE.box + WIDTH + side] / right[LINE.box + WIDTH + side])
                x[link, lines + LINES.size + side] = np.arcsinh(abs((5.0 if side == 0 else 8.0) * grown))
            x[link, lines + LINES.off] = np.arcsinh(abs(5.0 * left[LINE.off]))
            x[link, lines + LINES.off + 1] = np.arcsinh(abs(5.0 * right[LINE.off]))
        for side in range(2):
            velocity = LINE.velocity + side
            moved = (head.box[j, side] - tail.box[i, side]) / height
            speed = 0.5 * (tail.lines[i, LONG, velocity] + head.lines[j, LONG, velocity]) / height
            panned = (head.camera[j, side] - tail.camera[i, side]) / height
            x[link, TRACKLET_PAIR.moved + side] = np.arcsinh(abs(2.0 * moved))
            x[link, TRACKLET_PAIR.moved_speed + side] = np.arcsinh(abs(2.0 * (moved - speed * gap)))
            x[link, TRACKLET_PAIR.moved_camera + side] = np.arcsinh(abs(2.0 * (moved - panned)))
        for column in range(USUAL.near, USUAL.boxes):
            apart = tail.usual[i, column] - head.usual[j, column]
            x[link, TRACKLET_PAIR.usual + column] = np.arcsinh(abs(10.0 * apart))
        surer = np.arcsinh(3.0 * (tail.confidence[i] - head.confidence[j]))
        same = 1.0 if following[i] == j else 0.0
        after = weakest_link[following[i]] if following[i] >= 0 else 0.0
        x[link, TRACKLET_PAIR.confidence_change] = abs(surer)
        x[link, TRACKLET_PAIR.surer] = surer
        x[link, TRACKLET_PAIR.gap] = 0.5 * np.log(gap)
        x[link, TRACKLET_PAIR.gap_at_rate] = 0.5 * np.log(gap / frame_rate * RATE)
        x[link, TRACKLET_PAIR.linked] = same
        x[link, TRACKLET_PAIR.linked_gap] = same * np.log(gap)
        x[link, TRACKLET_PAIR.linked_least] = same * after
        x[link, TRACKLET_PAIR.linked_log_complement] = same * np.log(1.0 - min(after, 0.999)) / 3.0
        x[link, TRACKLET_PAIR.tail_least] = after
        x[link, TRACKLET_PAIR.head_least] = weakest_link[j]
        x[link, TRACKLET_PAIR.has_next] = 1.0 if following[i] >= 0 else 0.0
        x[link, TRACKLET_PAIR.has_previous] = 1.0 if begun[j] else 0.0
        x[link, TRACKLET_PAIR.used] = np.log(tail.used[i]) / 3.0
        x[link, TRACKLET_PAIR.used + 1] = np.log(head.used[j]) / 3.0
        x[link, TRACKLET_PAIR.boxes] = np.log(size[i]) / 3.0
        x[link, TRACKLET_PAIR.boxes + 1] = np.log(size[j]) / 3.0
        x[link, TRACKLET_PAIR.confidence] = tail.confidence[i]
        x[link, TRACKLET_PAIR.confidence + 1] = head.confidence[j]
        for side in range(2):
            x[link, TRACKLET_PAIR.rank + side] = min(ranks[side, link], LAST_RANK) / LAST_RANK
        x[link, TRACKLET_PAIR.distance] = 0.5 * min(distance[link], LARGEST_DISTANCE)
    return x
