"""The few nearest partners so far, and the nearest boxes of a frame by them; exactly, without a table of all pairs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gnntrack.compiled import compiled
from gnntrack.geometry.boxes import X, Y


class Nearest(NamedTuple):
    """The nearest K partners of N nodes, and how far away they are: ``(N, K)`` each.

    Attributes:
        distance: ascending; infinity: there is none.
        place: position of each partner, −1: none; of equal distances the lower one comes first.
    """

    distance: np.ndarray
    place: np.ndarray


@compiled
def nothing_near(number: int, most: int) -> Nearest:
    """None is near."""
    return Nearest(np.full((number, most), np.inf), np.full((number, most), -1))


@compiled
def keep_nearest(found: Nearest, row: int, distance: float, place: int) -> None:
    """Keeps a partner, where it is among the nearest so far."""
    distances, places = found.distance, found.place  # no views of rows: they take longer to make than to use
    most = distances.shape[1]
    spot = most
    while spot > 0:
        other = distances[row, spot - 1]
        if not (distance < other or (distance == other < np.inf and place < places[row, spot - 1])):
            break
        spot -= 1
        if spot + 1 < most:
            distances[row, spot + 1], places[row, spot + 1] = other, places[row, spot]
    if spot < most:
        distances[row, spot], places[row, spot] = distance, place


@compiled
def nearest_boxes(box: np.ndarray, count: int) -> Nearest:
    """The nearest others of each of N boxes, by the squared distance of centres."""
    found = nothing_near(len(box), count)
    order = np.argsort(box[:, X])
    for rank in range(len(order)):
        here = order[rank]
        for way in (-1, 1):
            other = rank + way
            while 0 <= other < len(order):
                there = order[other]
                across = box[there, X] - box[here, X]
                if across * across > found.distance[here, count - 1]:
                    break
                down = box[there, Y] - box[here, Y]
                keep_nearest(found, here, across * across + down * down, there)
                other += way
    return found
