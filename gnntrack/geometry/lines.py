"""Straight lines through boxes over time, by weighted least squares, from running sums."""

from __future__ import annotations

import numpy as np

from gnntrack.compiled import compiled

#: Running sums, to begin with zeros ``(SUMS,)``: of weights, of times and of their squares; and of all four sides, and
#: of sides times times, from here on.
NUMBER, _TIME, _SQUARE, _TOTAL, _MOMENT, SUMS = 0, 1, 2, 3, 7, 11


@compiled
def add_box(sums: np.ndarray, weight: float, time: float, boxes: np.ndarray, row: int, origin: int) -> None:
    """Adds a weighted box of ``(N, ≥ 4)`` to running sums, less one near by, so that little is lost to rounding."""
    sums[NUMBER] += weight
    sums[_TIME] += weight * time
    sums[_SQUARE] += weight * time * time
    for side in range(4):
        away = weight * (boxes[row, side] - boxes[origin, side])
        sums[_TOTAL + side] += away
        sums[_MOMENT + side] += away * time


@compiled
def line_of(sums: np.ndarray, side: int, ridge: float) -> tuple[float, float]:
    """The line of one side: its value at time 0, less the origin's, and its slope.

    Args:
        sums: ``(SUMS,)``.
        side: of the four.
        ridge: pull of the slope towards 0: added to the sum of squared times.

    Example:
        >>> sums, boxes = np.zeros(SUMS), np.array([[0.0, 0, 0, 0], [3.0, 0, 0, 0], [5.0, 0, 0, 0]])
        >>> add_box(sums, 1.0, 0.0, boxes, 1, 0)
        >>> add_box(sums, 1.0, 1.0, boxes, 2, 0)
        >>> line_of(sums, 0, 0.0)
        (3.0, 2.0)
    """
    number, time, square = sums[NUMBER], sums[_TIME], sums[_SQUARE]
    total, moment = sums[_TOTAL + side], sums[_MOMENT + side]
    slope = (number * moment - time * total) / (number * square - time * time + ridge * number)
    return (total - slope * time) / number, slope
