"""Overlaps of two ``cxcywh`` boxes, compiled: for loops over the boxes of one frame."""

from __future__ import annotations

import numpy as np

from gnntrack.compiled import compiled
from gnntrack.geometry.boxes import HEIGHT, WIDTH, X, Y


@compiled
def shared_area(a: np.ndarray, b: np.ndarray) -> float:
    """The area that lies in both boxes."""
    width = min(0.5 * (a[WIDTH] + b[WIDTH]) - abs(a[X] - b[X]), min(a[WIDTH], b[WIDTH]))
    height = min(0.5 * (a[HEIGHT] + b[HEIGHT]) - abs(a[Y] - b[Y]), min(a[HEIGHT], b[HEIGHT]))
    return max(width, 0.0) * max(height, 0.0)


@compiled
def overlap(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    """IoU and generalised IoU of two boxes."""
    shared = shared_area(a, b)
    union = a[WIDTH] * a[HEIGHT] + b[WIDTH] * b[HEIGHT] - shared
    width = max(0.5 * (a[WIDTH] + b[WIDTH]) + abs(a[X] - b[X]), max(a[WIDTH], b[WIDTH]))
    hull = width * max(0.5 * (a[HEIGHT] + b[HEIGHT]) + abs(a[Y] - b[Y]), max(a[HEIGHT], b[HEIGHT]))
    return shared / union, shared / union - (hull - union) / hull


@compiled
def largest_overlap(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Largest IoU ``(N,)`` of each of N boxes with any of the others."""
    result = np.zeros(len(boxes))
    for row in range(len(boxes)):
        for other in range(len(others)):
            result[row] = max(result[row], overlap(boxes[row], others[other])[0])
    return result
