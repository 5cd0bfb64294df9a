"""What the window network does with its links between two matrix products, and the way back: one compiled pass each.

Operation by operation, a table of a row a link goes to memory and comes back a dozen times a round.
"""

from __future__ import annotations

import numpy as np

from gnntrack.compiled import compiled_loosely

#: Added to variances that are divided by, as in :class:`torch.nn.LayerNorm`.
EPSILON = 1e-5
#: The two messages of a link: to its source and to its target.
AHEAD, BEHIND = range(2)
#: Rows whose sums are taken together, so that small numbers are not added to a large one.
_BLOCK = 128
_EPSILON, _ZERO, _HALF, _ONE = np.float32(EPSILON), np.float32(0.0), np.float32(0.5), np.float32(1.0)
#: Type of a row's number: one that may be negative counts from the end, and where it may, loops do not become vectors.
_PLACE = np.uint64
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
    for first in range(0, len(gradient), _BLOCK):
        of_bias[:] = _ZERO
        for place in range(first, min(first + _BLOCK, len(gradient))):
            row = _PLACE(place)
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
    for first in range(0, len(values), _BLOCK):
        stop = min(first + _BLOCK, len(values))
        for place in range(first, stop):
            link = _PLACE(place)
            one, other = _PLACE(source[link]), _PLACE(target[link])
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
        one, other = _PLACE(source[link]), _PLACE(target[link])
        for column in range(width):
            result[link, column] = gradient[link, column] * slope[link, column]
        for column in range(width):
            to_source[one, column] += result[link, column]
        for column in range(width):
            to_target[other, column] += result[link, column]


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
    for first in range(0, len(gradient), _BLOCK):
        of_bias[:], of_scale[:], of_shift[:] = _ZERO, _ZERO, _ZERO
        for place in range(first, min(first + _BLOCK, len(gradient))):
            row = _PLACE(place)
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


@compiled_loosely
def attend(
    edges: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray,
    source: np.ndarray,
    target: np.ndarray,
    largest: np.ndarray,
    below: np.ndarray,
) -> None:
    """How far each link's attention is below the largest among its rivals, at most 0.

    Args:
        edges: ``(E, D)``.
        weight: ``(2, D)`` of the attention ahead and behind.
        bias: ``(2,)``.
        source: ``(E,)``; links of one source are rivals ahead.
        target: ``(E,)``; links of one target are rivals behind.
        largest: ``(2, N)`` of −inf; becomes the largest attention among the links of each node.
        below: ``(2, E)``, filled.
    """
    for link in range(len(edges)):
        ahead, behind = bias[AHEAD], bias[BEHIND]
        for column in range(edges.shape[1]):
            ahead += edges[link, column] * weight[AHEAD, column]
            behind += edges[link, column] * weight[BEHIND, column]
        below[AHEAD, link], below[BEHIND, link] = ahead, behind
        largest[AHEAD, source[link]] = max(largest[AHEAD, source[link]], ahead)
        largest[BEHIND, target[link]] = max(largest[BEHIND, target[link]], behind)
    for link in range(len(edges)):
        below[AHEAD, link] -= largest[AHEAD, source[link]]
        below[BEHIND, link] -= largest[BEHIND, target[link]]


@compiled_loosely
def gather(
    edges: np.ndarray,
    share: np.ndarray,
    source: np.ndarray,
    target: np.ndarray,
    ahead: np.ndarray,
    behind: np.ndarray,
) -> None:
    """Weighted means of links, over those of a source and over those of a target.

    Args:
        edges: ``(E, D)``.
        share: ``(2, E)`` weights above 0; become shares of those of a node.
        source: ``(E,)``.
        target: ``(E,)``.
        ahead: ``(N, D)`` for sources, is added to.
        behind: ``(N, D)`` for targets, is added to.
    """
    total = np.zeros((2, len(ahead)), dtype=np.float32)
    for link in range(len(edges)):
        total[AHEAD, source[link]] += share[AHEAD, link]
        total[BEHIND, target[link]] += share[BEHIND, link]
    for link in range(len(edges)):
        one, other = _PLACE(source[link]), _PLACE(target[link])
        forth, back = share[AHEAD, link] / total[AHEAD, one], share[BEHIND, link] / total[BEHIND, other]
        share[AHEAD, link], share[BEHIND, link] = forth, back
        for column in range(edges.shape[1]):
            ahead[one, column] += forth * edges[link, column]
        for column in range(edges.shape[1]):
            behind[other, column] += back * edges[link, column]


@compiled_loosely
def gather_back(
    of_ahead: np.ndarray,
    of_behind: np.ndarray,
    mean: np.ndarray,
    edges: np.ndarray,
    weight: np.ndarray,
    share: np.ndarray,
    source: np.ndarray,
    target: np.ndarray,
    result: np.ndarray,
    to_attention: np.ndarray,
) -> None:
    """The way back of :func:`attend` and :func:`gather`.

    Args:
        of_ahead: ``(N, D)`` gradients of what sources got.
        of_behind: ``(N, D)`` of what targets got.
        mean: ``(2, N)`` dot products of both with what was got: means of the gradients of shares.
        edges: ``(E, D)``.
        weight: ``(2, D)`` of the attention.
        share: ``(2, E)``.
        source: ``(E,)``.
        target: ``(E,)``.
        result: ``(E, D)``, filled with the gradients of links.
        to_attention: ``(2, E)``, filled with those of the attention.
    """
    for link in range(len(edges)):
        one, other = _PLACE(source[link]), _PLACE(target[link])
        forth, back = _ZERO, _ZERO
        for column in range(edges.shape[1]):
            forth += of_ahead[one, column] * edges[link, column]
            back += of_behind[other, column] * edges[link, column]
        forth = share[AHEAD, link] * (forth - mean[AHEAD, one])
        back = share[BEHIND, link] * (back - mean[BEHIND, other])
        to_attention[AHEAD, link], to_attention[BEHIND, link] = forth, back
        for column in range(edges.shape[1]):
            told = share[AHEAD, link] * of_ahead[one, column] + share[BEHIND, link] * of_behind[other, column]
            result[link, column] = told + forth * weight[AHEAD, column] + back * weight[BEHIND, column]


@compiled_loosely
def neighbours(
    of_source: np.ndarray,
    spatial: np.ndarray,
    source: np.ndarray,
    target: np.ndarray,
    positive: np.ndarray,
    share: np.ndarray,
    result: np.ndarray,
) -> None:
    """Means of what neighbours tell, where it is positive.

    Args:
        of_source: ``(N, D)`` of nodes.
        spatial: ``(S, D)`` of pairs of neighbours.
        source: ``(S,)``.
        target: ``(S,)``.
        positive: ``(S, D)`` bool, filled.
        share: ``(N,)``, filled with 1 over the number of neighbours.
        result: ``(N, D)``, is added to.
    """
    share[:] = _ZERO
    for pair in range(len(spatial)):
        share[target[pair]] += _ONE
    for node in range(len(share)):
        share[node] = _ONE / max(share[node], _ONE)
    for pair in range(len(spatial)):
        one, other = _PLACE(source[pair]), _PLACE(target[pair])
        for column in range(spatial.shape[1]):
            told = of_source[one, column] + spatial[pair, column]
            positive[pair, column] = told > _ZERO
            result[other, column] += max(told, _ZERO)
    for node in range(len(share)):
        for column in range(result.shape[1]):
            result[node, column] *= share[node]


@compiled_loosely
def neighbours_back(
    gradient: np.ndarray,
    positive: np.ndarray,
    share: np.ndarray,
    source: np.ndarray,
    target: np.ndarray,
    to_source: np.ndarray,
    to_spatial: np.ndarray,
) -> None:
    """The way back of :func:`neighbours`.

    Args:
        gradient: ``(N, D)`` of the means.
        positive: ``(S, D)``.
        share: ``(N,)``.
        source: ``(S,)``.
        target: ``(S,)``.
        to_source: ``(N, D)``, is added to.
        to_spatial: ``(S, D)``, filled.
    """
    for pair in range(len(positive)):
        one, other = _PLACE(source[pair]), _PLACE(target[pair])
        for column in range(positive.shape[1]):
            value = gradient[other, column] * share[other] if positive[pair, column] else _ZERO
            to_spatial[pair, column] = value
            to_source[one, column] += value
