"""The nearest others of each box, and how they lie to it."""

from __future__ import annotations

import numpy as np

from gnntrack.association.feature_columns import NEIGHBOUR, NEIGHBOUR_FEATURES
from gnntrack.association.nearest_few import nearest_boxes
from gnntrack.compiled import compiled
from gnntrack.geometry.boxes import HEIGHT, WIDTH
from gnntrack.geometry.compiled_boxes import overlap_of
from gnntrack.geometry.logarithms import inverse_sines, logarithms


@compiled
def neighbours(box: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The nearest others of each box: pairs ``(2, N·K)`` and relations ``(N·K, 5)``; K ≤ count."""
    number = len(box)
    count = max(min(count, number - 1), 0)
    pairs = np.empty((2, number * count), dtype=np.int64)
    relations = np.empty((number * count, NEIGHBOUR_FEATURES), dtype=np.float32)
    found = nearest_boxes(box, max(count, 1))
    offsets, sizes = np.empty((len(relations), 2)), np.empty((len(relations), 2))
    for here in range(number if count else 0):
        for place in range(count):
            there = found.place[here, place]
            row = here * count + place
            pairs[0, row], pairs[1, row] = there, here
            for side in range(2):
                offsets[row, side] = 2.0 * (box[there, side] - box[here, side]) / box[here, HEIGHT]
                sizes[row, side] = box[there, WIDTH + side] / box[here, WIDTH + side]
            relations[row, NEIGHBOUR.iou] = overlap_of(box, here, box, there)[0]
    inverse_sines(offsets.reshape(-1))
    logarithms(sizes.reshape(-1))
    for row in range(len(relations)):
        for side in range(2):
            relations[row, NEIGHBOUR.offset + side] = offsets[row, side]
            relations[row, NEIGHBOUR.size + side] = sizes[row, side]
    return pairs, relations
