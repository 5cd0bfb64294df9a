"""The messages of links to their two ends, and of neighbours, and the way back: one compiled pass each."""

from __future__ import annotations

import numpy as np

from gnntrack.compiled import compiled_loosely
from gnntrack.models.fused_activations import PLACE

#: The two messages of a link: to its source and to its target.
AHEAD, BEHIND = range(2)
_ZERO, _ONE = np.float32(0.0), np.float32(1.0)


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
        one, other = PLACE(source[link]), PLACE(target[link])
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
        one, other = PLACE(source[link]), PLACE(target[link])
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
        one, other = PLACE(source[pair]), PLACE(target[pair])
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
        one, other = PLACE(source[pair]), PLACE(target[pair])
        for column in range(positive.shape[1]):
            value = gradient[other, column] * share[other] if positive[pair, column] else _ZERO
            to_spatial[pair, column] = value
            to_source[one, column] += value
