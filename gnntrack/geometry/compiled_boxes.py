"""Overlaps of two boxes, compiled: for loops over boxes."""

from __future__ import annotations

import numpy as np

from gnntrack.compiled import compiled
from gnntrack.geometry.boxes import EPSILON, HEIGHT, LEFT, TOP, WIDTH, X, Y


@compiled
def shared_area(a: np.ndarray, b: np.ndarray) -> float:
    """The area that lies in both ``cxcywh`` boxes."""
    width = min(a[X] + a[WIDTH] / 2, b[X] + b[WIDTH] / 2) - max(a[X] - a[WIDTH] / 2, b[X] - b[WIDTH] / 2)
    height = min(a[Y] + a[HEIGHT] / 2, b[Y] + b[HEIGHT] / 2) - max(a[Y] - a[HEIGHT] / 2, b[Y] - b[HEIGHT] / 2)
    return max(width, 0.0) * max(height, 0.0)


@compiled
def overlap_of(boxes: np.ndarray, row: int, others: np.ndarray, other: int) -> tuple[float, float]:
    """IoU and generalised IoU of rows of ``cxcywh`` boxes, from distances of centres: they round less than corners do.

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


@compiled
def corner_overlap_of(boxes: np.ndarray, row: int, other: int) -> tuple[float, float]:
    """IoU and generalised IoU of two rows of ``xywh`` boxes, to the bit those of :mod:`gnntrack.geometry.boxes`."""
    left, top, others_left, others_top = boxes[row, LEFT], boxes[row, TOP], boxes[other, LEFT], boxes[other, TOP]
    right, bottom = left + boxes[row, WIDTH], top + boxes[row, HEIGHT]
    others_right, others_bottom = others_left + boxes[other, WIDTH], others_top + boxes[other, HEIGHT]
    area = max(right - left, 0.0) * max(bottom - top, 0.0)
    others_area = max(others_right - others_left, 0.0) * max(others_bottom - others_top, 0.0)
    shared = max(min(right, others_right) - max(left, others_left), 0.0)
    shared *= max(min(bottom, others_bottom) - max(top, others_top), 0.0)
    hull = (max(right, others_right) - min(left, others_left)) * (max(bottom, others_bottom) - min(top, others_top))
    union = area + others_area - shared
    share = shared / max(union, EPSILON)
    return share, share - (hull - union) / max(hull, EPSILON)
