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
def overlap(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    """IoU and generalised IoU of two boxes, from distances of centres, which round less than corners do."""
    width, height = 0.5 * (a[WIDTH] + b[WIDTH]), 0.5 * (a[HEIGHT] + b[HEIGHT])
    across, down = abs(a[X] - b[X]), abs(a[Y] - b[Y])
    # not shared_area: ties at its thresholds would fall the other way, and the shipped weights' tracks would change
    shared_width = max(min(width - across, min(a[WIDTH], b[WIDTH])), 0.0)
    shared = shared_width * max(min(height - down, min(a[HEIGHT], b[HEIGHT])), 0.0)
    union = a[WIDTH] * a[HEIGHT] + b[WIDTH] * b[HEIGHT] - shared
    hull = max(width + across, max(a[WIDTH], b[WIDTH])) * max(height + down, max(a[HEIGHT], b[HEIGHT]))
    return shared / union, shared / union - (hull - union) / hull
