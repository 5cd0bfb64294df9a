"""The norm of sums of rows, and the way back: one compiled pass each."""

from __future__ import annotations

import numpy as np

from gnntrack.compiled import compiled_loosely
from gnntrack.models.fused_activations import BLOCK, PLACE

#: Added to variances that are divided by, as in :class:`torch.nn.LayerNorm`.
EPSILON = 1e-5
_EPSILON, _ZERO, _ONE = np.float32(EPSILON), np.float32(0.0), np.float32(1.0)


@compiled_loosely
def norm_of_sum(
    x: np.ndarray,
    unit: np.ndarray,
    bias: np.ndarray,
    scale: np.ndarray,
    shift: np.ndarray,
    spread: np.ndarray,
    result: np.ndarray,
) -> None:
    """Layer norm of the rows of ``x + unit + bias``.

    Args:
        x: ``(E, D)``, or ``(0, D)`` for none.
        unit: ``(E, D)``; becomes what is multiplied by the scale.
        bias: ``(D,)``.
        scale: ``(D,)``.
        shift: ``(D,)``.
        spread: ``(E,)``, filled with inverse standard deviations.
        result: ``(E, D)``, filled.
    """
    width = unit.shape[1]
    share = _ONE / np.float32(width)
    for row in range(len(unit)):
        if len(x):
            for column in range(width):
                unit[row, column] += x[row, column] + bias[column]
        else:
            for column in range(width):
                unit[row, column] += bias[column]
        total, squares = _ZERO, _ZERO
        for column in range(width):
            total += unit[row, column]
        mean = total * share
        for column in range(width):
            off = unit[row, column] - mean
            squares += off * off
        factor = _ONE / np.sqrt(squares * share + _EPSILON)
        spread[row] = factor
        for column in range(width):
            value = (unit[row, column] - mean) * factor
            unit[row, column] = value
            result[row, column] = value * scale[column] + shift[column]


@compiled_loosely
def norm_back(
    gradient: np.ndarray,
    scale: np.ndarray,
    unit: np.ndarray,
    spread: np.ndarray,
    to_bias: np.ndarray,
    to_scale: np.ndarray,
    to_shift: np.ndarray,
    result: np.ndarray,
) -> None:
    """The way back of :func:`norm_of_sum`.

    Args:
        gradient: ``(E, D)``.
        scale: ``(D,)``.
        unit: ``(E, D)`` as it was filled.
        spread: ``(E,)`` as it was filled.
        to_bias: ``(D,)``, its gradient is added.
        to_scale: ``(D,)``, likewise.
        to_shift: ``(D,)``, likewise.
        result: ``(E, D)``, filled with the gradient of the sum.
    """
    width = gradient.shape[1]
    share = _ONE / np.float32(width)
    of_bias, of_scale, of_shift = np.empty_like(scale), np.empty_like(scale), np.empty_like(scale)
    for first in range(0, len(gradient), BLOCK):
        of_bias[:], of_scale[:], of_shift[:] = _ZERO, _ZERO, _ZERO
        for place in range(first, min(first + BLOCK, len(gradient))):
            row = PLACE(place)
            total, along = _ZERO, _ZERO
            for column in range(width):
                value = gradient[row, column] * scale[column]
                total += value
                along += value * unit[row, column]
            mean, slope, factor = total * share, along * share, spread[row]
            for column in range(width):
                value = gradient[row, column]
                of_shift[column] += value
                of_scale[column] += value * unit[row, column]
                value = factor * (value * scale[column] - mean - unit[row, column] * slope)
                result[row, column] = value
                of_bias[column] += value
        for column in range(width):
            to_bias[column] += of_bias[column]
            to_scale[column] += of_scale[column]
            to_shift[column] += of_shift[column]
