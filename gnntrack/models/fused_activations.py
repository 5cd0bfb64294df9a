"""GELU of sums of rows of links, and the way back: one compiled pass each.

Operation by operation, a table of a row a link goes to memory and comes back a dozen times a round.
"""

from __future__ import annotations

import numpy as np

from gnntrack.compiled import compiled_loosely

#: Rows whose sums are taken together, so that small numbers are not added to a large one.
BLOCK = 128
#: Type of a row's number: one that may be negative counts from the end, and where it may, loops do not become vectors.
PLACE = np.uint64
_ZERO, _HALF = np.float32(0.0), np.float32(0.5)
#: ``½ + x · N(x²) / D(x²)`` is the normal distribution (to 2e-7), and the slope of GELU (to 4e-7), up to this ``x``;
#: beyond it they are 0 and 1. Coefficients from the constant up, fitted for the least largest error.
_REACH = np.float32(5.6)
_NORMAL = np.array(
    [
        [0.3989422216, 0.03437700055, 0.004707302722, 1.738581290e-4, 6.356424344e-6, 2.214364252e-8],
        [1.0, 0.2528360750, 0.02894056925, 1.913021090e-3, 7.510344976e-5, 1.180155006e-6],
    ],
    dtype=np.float32,
)
_SLOPE = np.array(
    [
        [0.7978852326, -0.03101551532, 0.01423495076, 1.868461513e-5, 3.603400696e-5, 1.938205232e-7],
        [1.0, 0.2944687449, 0.04097837888, 3.523252341e-3, 1.921327746e-4, 8.982430052e-6],
    ],
    dtype=np.float32,
)
_N0, _N1, _N2, _N3, _N4, _N5 = _NORMAL[0]
_D0, _D1, _D2, _D3, _D4, _D5 = _NORMAL[1]
_S0, _S1, _S2, _S3, _S4, _S5 = _SLOPE[0]
_T0, _T1, _T2, _T3, _T4, _T5 = _SLOPE[1]


@compiled_loosely
def gelu(values: np.ndarray, slope: np.ndarray) -> None:
    """GELU of ``(M,)`` in place, and its slope ``(M,)``."""
    for place in range(len(values)):
        value = values[place]
        x = min(max(value, -_REACH), _REACH)
        q = x * x
        above = x * (_N0 + q * (_N1 + q * (_N2 + q * (_N3 + q * (_N4 + q * _N5)))))
        below = _D0 + q * (_D1 + q * (_D2 + q * (_D3 + q * (_D4 + q * _D5))))
        values[place] = value * (_HALF + above / below)
        above = x * (_S0 + q * (_S1 + q * (_S2 + q * (_S3 + q * (_S4 + q * _S5)))))
        below = _T0 + q * (_T1 + q * (_T2 + q * (_T3 + q * (_T4 + q * _T5))))
        slope[place] = _HALF + above / below


@compiled_loosely
def gelu_of_sum(values: np.ndarray, bias: np.ndarray, slope: np.ndarray) -> None:
    """GELU of ``values + bias``.

    Args:
        values: ``(E, D)``, changed in place.
        bias: ``(D,)``.
        slope: ``(E, D)``, filled.
    """
    for row in range(len(values)):
        for column in range(values.shape[1]):
            values[row, column] += bias[column]
    gelu(values.reshape(-1), slope.reshape(-1))


@compiled_loosely
def gelu_of_sum_back(gradient: np.ndarray, slope: np.ndarray, to_bias: np.ndarray, result: np.ndarray) -> None:
    """The way back of :func:`gelu_of_sum`: fills the gradient ``(E, D)``, and adds that of the bias ``(D,)``."""
    of_bias = np.empty_like(to_bias)
    for first in range(0, len(gradient), BLOCK):
        of_bias[:] = _ZERO
        for place in range(first, min(first + BLOCK, len(gradient))):
            row = PLACE(place)
            for column in range(gradient.shape[1]):
                result[row, column] = gradient[row, column] * slope[row, column]
            for column in range(gradient.shape[1]):
                of_bias[column] += result[row, column]
        for column in range(gradient.shape[1]):
            to_bias[column] += of_bias[column]


@compiled_loosely
def mix(
    values: np.ndarray,
    added: np.ndarray,
    of_source: np.ndarray,
    of_target: np.ndarray,
    source: np.ndarray,
    target: np.ndarray,
    slope: np.ndarray,
) -> None:
    """GELU of what a link has of itself and of both ends.

    Args:
        values: ``(E, D)`` of links, changed in place.
        added: ``(E, D)`` of links.
        of_source: ``(N, D)`` what a node tells the links that start there.
        of_target: ``(N, D)`` and those that end there.
        source: ``(E,)``.
        target: ``(E,)``.
        slope: ``(E, D)``, filled.
    """
    width = values.shape[1]
    for first in range(0, len(values), BLOCK):
        stop = min(first + BLOCK, len(values))
        for place in range(first, stop):
            link = PLACE(place)
            one, other = PLACE(source[link]), PLACE(target[link])
            for column in range(width):
                values[link, column] += of_source[one, column] + of_target[other, column] + added[link, column]
        gelu(values[first:stop].reshape(-1), slope[first:stop].reshape(-1))


@compiled_loosely
def mix_back(
    gradient: np.ndarray,
    slope: np.ndarray,
    source: np.ndarray,
    target: np.ndarray,
    to_source: np.ndarray,
    to_target: np.ndarray,
    result: np.ndarray,
) -> None:
    """The way back of :func:`mix`: gradients ``(E, D)`` of links; to those of nodes, ``(N, D)``, is added."""
    width = gradient.shape[1]
    for link in range(len(gradient)):
        one, other = PLACE(source[link]), PLACE(target[link])
        for column in range(width):
            result[link, column] = gradient[link, column] * slope[link, column]
        for column in range(width):
            to_source[one, column] += result[link, column]
        for column in range(width):
            to_target[other, column] += result[link, column]
