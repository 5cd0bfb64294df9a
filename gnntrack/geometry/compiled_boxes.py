"""Overlaps of two ``cxcywh`` boxes, compiled: for loops over the boxes of one frame."""

from __future__ import annotations

import numpy as np

from gnntrack.compiled import compiled
from gnntrack.geometry.boxes import HEIGHT, WIDTH, X, Y


@compiled
def shared_area(a: np.ndarray, b: np.ndarray) -> float:
    """The area that lies in both boxes."""
    width = min(a[X] + a[WIDTH] / 2, b[X] + b[WIDTH] / 2) - max(a[X] - a[WIDTH] / 2, b[X] - b[WIDTH] / 2)
    height = min(a[Y] + a[HEIGHT] / 2, b[Y] + b[HEIGHT] / 2) - max(a[Y] - a[HEIGHT] / 2, b[Y] - b[HEIGHT] / 2)
    return max(width, 0.0) * max(height, 0.0)


@compiled
def overlap_of(boxes: np.ndarray, row: int, others: np.ndarray, other: int) -> tuple[float, float]:
    """IoU and generalised IoU of two rows of boxes, from distances of centres, which round less than corners do.

    Rows are given by their places: a view of each would be counted, which costs more than what is computed.
    """
    across, down = abs(boxes[row, X] - others[other, X]), abs(boxes[row, Y] - others[other, Y])
    wide, high = boxes[row, WIDTH], boxes[row, HEIGHT]
    others_wide, others_high = others[other, WIDTH], others[other, HEIGHT]
    width, height = 0.5 * (wide + others_wide), 0.5 * (high + others_high)
    # not shared_area: ties at its thresholds would fall the other way, and the shipped weights' tracks would change
    shared_width = max(min(width - across, min(wide, others_wide)), 0.0)
    shared = shared_width * max(min(height - down, min(high, others_high)), 0.0)
    union = wide * high + others_wide * others_high - shared
    hull = max(width + across, max(wide, others_wide)) * max(height + down, max(high, others_high))
    return shared / union, shared / union - (hull - union) / hull
