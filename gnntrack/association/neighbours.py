"""The nearest others of each box, and how they lie to it."""

from __future__ import annotations

import numpy as np

from gnntrack.association.feature_columns import NEIGHBOUR, NEIGHBOUR_FEATURES
from gnntrack.association.nearest_few import nearest_boxes
from gnntrack.compiled import compiled
from gnntrack.geometry.boxes import HEIGHT, WIDTH, X, Y
from gnntrack.geometry.compiled_boxes import overlap


@compiled
def neighbours(box: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The nearest others of each box: pairs ``(2, N·K)`` and relations ``(N·K, 5)``; K ≤ count."""
    number = len(box)
    count = max(min(count, number - 1), 0)
    pairs = np.empty((2, number * count), dtype=np.int64)
    relations = np.empty((number * count, NEIGHBOUR_FEATURES), dtype=np.float32)
    found = nearest_boxes(box, max(count, 1))
    for here in range(number if count else 0):
        for place in range(count):
            there = found.place[here, place]
            row = here * count + place
            pairs[0, row], pairs[1, row] = there, here
            relations[row, NEIGHBOUR.offset + X] = np.arcsinh(2.0 * (box[there, X] - box[here, X]) / box[here, HEIGHT])
            relations[row, NEIGHBOUR.offset + Y] = np.arcsinh(2.0 * (box[there, Y] - box[here, Y]) / box[here, HEIGHT])
            relations[row, NEIGHBOUR.size] = np.log(box[there, WIDTH] / box[here, WIDTH])
            relations[row, NEIGHBOUR.size + 1] = np.log(box[there, HEIGHT] / box[here, HEIGHT])
            relations[row, NEIGHBOUR.iou] = overlap(box[here], box[there])[0]
    return pairs, relations
