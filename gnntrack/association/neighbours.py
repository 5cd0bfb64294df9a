"""Overlaps of centre boxes, and the nearest others of each."""

from __future__ import annotations

import numpy as np

from gnntrack.association.feature_columns import NEIGHBOUR, NEIGHBOUR_FEATURES
from gnntrack.association.histories import HEIGHT, WIDTH, X, Y
from gnntrack.compiled import compiled


@compiled
def overlap(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    """IoU and generalised IoU of two centre boxes."""
    width, height = 0.5 * (a[WIDTH] + b[WIDTH]), 0.5 * (a[HEIGHT] + b[HEIGHT])
    across, down = abs(a[X] - b[X]), abs(a[Y] - b[Y])
    shared_width = max(min(width - across, min(a[WIDTH], b[WIDTH])), 0.0)
    shared = shared_width * max(min(height - down, min(a[HEIGHT], b[HEIGHT])), 0.0)
    union = a[WIDTH] * a[HEIGHT] + b[WIDTH] * b[HEIGHT] - shared
    hull = max(width + across, max(a[WIDTH], b[WIDTH])) * max(height + down, max(a[HEIGHT], b[HEIGHT]))
    return shared / union, shared / union - (hull - union) / hull


@compiled
def largest_overlap(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Largest IoU ``(N,)`` of each of N centre boxes with any of the others."""
    result = np.zeros(len(boxes))
    for row in range(len(boxes)):
        for other in range(len(others)):
            result[row] = max(result[row], overlap(boxes[row], others[other])[0])
    return result


@compiled
def neighbours(box: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The nearest others of each box: pairs ``(2, N·K)`` and relations ``(N·K, 5)``; K ≤ count."""
    number = len(box)
    count = max(min(count, number - 1), 0)
    pairs = np.empty((2, number * count), dtype=np.int64)
    relations = np.empty((number * count, NEIGHBOUR_FEATURES), dtype=np.float32)
    apart = np.empty(number)
    for here in range(number if count else 0):
        for there in range(number):
            apart[there] = (box[there, X] - box[here, X]) ** 2 + (box[there, Y] - box[here, Y]) ** 2
        apart[here] = np.inf
        for place in range(count):
            there = int(apart.argmin())
            apart[there] = np.inf
            row = here * count + place
            pairs[0, row], pairs[1, row] = there, here
            relations[row, NEIGHBOUR.offset + X] = np.arcsinh(2.0 * (box[there, X] - box[here, X]) / box[here, HEIGHT])
            relations[row, NEIGHBOUR.offset + Y] = np.arcsinh(2.0 * (box[there, Y] - box[here, Y]) / box[here, HEIGHT])
            relations[row, NEIGHBOUR.size] = np.log(box[there, WIDTH] / box[here, WIDTH])
            relations[row, NEIGHBOUR.size + 1] = np.log(box[there, HEIGHT] / box[here, HEIGHT])
            relations[row, NEIGHBOUR.iou] = overlap(box[here], box[there])[0]
    return pairs, relations
