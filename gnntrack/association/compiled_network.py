"""Message passing between tracks and detections once more, compiled: what tracking uses.

The graph of one frame is small: a few dozen nodes. There torch takes many times longer to be called than to do the
arithmetic. It computes the same as :class:`gnntrack.association.network.LinkNetwork`; a test compares the two.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gnntrack.association.compiled_layers import BLOCK, normalise, two_layers, weigh
from gnntrack.association.feature_columns import APPEARANCE
from gnntrack.association.graph import BipartiteGraph
from gnntrack.association.packed_weights import Weights, unpacked
from gnntrack.compiled import compiled

#: Logits are cut off here, where a link is as good as certain.
CERTAIN = 15.0
_CERTAIN = np.float32(CERTAIN)


class Scores(NamedTuple):
    """The outputs of the network for a graph.

    Attributes:
        logits: ``(R, E)`` after every round; above 0: linked rather than not.
        probability: ``(E,)`` of every link against its rivals on both sides and against none, in the last round.
        real: ``(D,)`` logit of "this detection is an object", not a false positive.
    """

    logits: np.ndarray
    probability: np.ndarray
    real: np.ndarray


def fast_associate(weights: Weights, graph: BipartiteGraph, objects: bool = True, looks: bool = True) -> Scores:
    """Scores the links of an association graph.

    Args:
        weights: see :meth:`gnntrack.association.network.LinkNetwork.gathered`.
        graph: of one frame.
        objects: whether ``real`` is asked for; without it, it is empty.
        looks: whether embeddings count, where the network has an appearance branch.
    """
    alike = np.zeros((0, len(weights.head.weight)), dtype=np.float32)
    if looks and weights.appearance is not None and graph.appearance.any():
        both = np.concatenate([graph.edge_attr, graph.appearance], axis=1)
        alike = graph.appearance[:, APPEARANCE.known, None] * two_layers(both, weights.appearance)
    # neither appearance, which is done with, nor classes around arrays: they take long to hand over
    logits, probability, real = score(*graph[:-1], alike, weights.packed, weights.sizes, objects)
    return Scores(logits, probability, real.ravel())


@compiled
def score(
    past_nodes: np.ndarray,
    future_nodes: np.ndarray,
    links: np.ndarray,
    pairs: np.ndarray,
    neighbours: np.ndarray,
    relations: np.ndarray,
    alike: np.ndarray,
    numbers: np.ndarray,
    sizes: tuple[int, ...],
    objects: bool,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Those of :class:`Scores`, the last ``(D, 1)``; the first arguments are the fields of a graph.

    Args:
        past_nodes: ``(T, ·)``.
        future_nodes: ``(D, ·)``.
        links: ``(2, E)``.
        pairs: ``(E, ·)``.
        neighbours: ``(2, S)``.
        relations: ``(S, ·)``.
        alike: what appearance adds to links, ``(E or 0, hidden)``.
        numbers: see :func:`.packed_weights.unpacked`, like ``sizes``.
        sizes: of the network.
        objects: whether the last result is asked for.
    """
    weights = unpacked(numbers, sizes)
    neighbour, rounds, head = weights.neighbour, weights.rounds, weights.head
    count = len(past_nodes)
    nodes = np.empty((count + len(future_nodes), len(head.weight)), dtype=np.float32)
    past, future = two_layers(past_nodes, weights.past_in), two_layers(future_nodes, weights.future_in)
    for row in range(len(nodes)):
        for column in range(nodes.shape[1]):
            nodes[row, column] = past[row, column] if row < count else future[row - count, column]
    if len(relations):
        state, relation = np.dot(nodes, neighbour.state), np.dot(relations, neighbour.relation)
        near = np.dot(_near(state, relation, neighbours, neighbour.bias), neighbour.out)
        for row in range(len(nodes)):
            for column in range(nodes.shape[1]):
                nodes[row, column] += near[row, column]
    pair = two_layers(pairs, weights.edge_in)
    for row in range(len(alike)):
        for column in range(pair.shape[1]):
            pair[row, column] += alike[row, column]
    logits = np.empty((len(rounds.edge), len(pair)), dtype=np.float32)
    probability = np.empty(len(pair), dtype=np.float32)
    layers = np.empty((2, min(BLOCK, len(pair)), pair.shape[1]), dtype=np.float32)
    first_layer, second_layer = layers[0], layers[1]
    for number in range(len(rounds.edge)):
        source, target = np.dot(nodes[:count], rounds.source[number]), np.dot(nodes[count:], rounds.target[number])
        for start in range(0, len(pair), BLOCK):
            here, ends = pair[start : start + BLOCK], links[:, start : start + BLOCK]
            mixed, changed = first_layer[: len(here)], second_layer[: len(here)]
            np.dot(here, rounds.edge[number], mixed)
            _mix(mixed, source, target, ends, rounds.edge_bias[number])
            np.dot(mixed, rounds.edge_out[number], changed)
            normalise(here, changed, rounds.scale[number])
            weigh(here, head, logits[number, start : start + BLOCK])
        probability = _probability(logits[number], links, len(nodes))
        last = number + 1 == len(rounds.edge)
        if last and not objects:
            break
        first = count if last else 0  # in the end, only detections are looked at
        heard = _message(probability, pair, links, len(nodes))[first:]
        hidden = np.dot(nodes[first:], rounds.node[number])
        heard = np.dot(heard, rounds.message[number])
        for row in range(len(hidden)):
            for column in range(hidden.shape[1]):
                value = hidden[row, column] + heard[row, column] + rounds.node_bias[number, column]
                hidden[row, column] = max(value, np.float32(0.0))
        change = np.dot(hidden, rounds.node_out[number])
        for row in range(len(change)):
            for column in range(nodes.shape[1]):
                nodes[first + row, column] += change[row, column]
    return logits, probability, two_layers(nodes[count if objects else len(nodes) :], weights.real)


@compiled
def _near(state: np.ndarray, relation: np.ndarray, neighbours: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """To each node the mean over its neighbours."""
    total = np.zeros(state.shape, dtype=np.float32)
    count = np.zeros(len(state), dtype=np.float32)
    for row in range(len(relation)):
        near, to = neighbours[0, row], neighbours[1, row]
        count[to] += np.float32(1.0)
        for column in range(state.shape[1]):
            total[to, column] += max(state[near, column] + relation[row, column] + bias[column], np.float32(0.0))
    for row in range(len(state)):
        share = np.float32(1.0) / max(count[row], np.float32(1.0))
        for column in range(state.shape[1]):
            total[row, column] *= share
    return total


@compiled
def _mix(own: np.ndarray, track: np.ndarray, detection: np.ndarray, links: np.ndarray, bias: np.ndarray) -> None:
    """Adds to each link the messages of its two ends and its own: changes ``own``."""
    count = len(track)
    for link in range(len(own)):
        source, target = links[0, link], links[1, link] - count
        for column in range(own.shape[1]):
            value = track[source, column] + detection[target, column] + own[link, column] + bias[column]
            own[link, column] = max(value, np.float32(0.0))


@compiled
def _probability(logits: np.ndarray, links: np.ndarray, nodes: int) -> np.ndarray:
    """Of each link against its rivals on both sides, and against none."""
    raised, rivals = np.empty(len(logits), dtype=np.float32), np.zeros(nodes, dtype=np.float32)
    for link in range(len(raised)):
        raised[link] = np.exp(min(logits[link], _CERTAIN))
        rivals[links[0, link]] += raised[link]
        rivals[links[1, link]] += raised[link]
    for link in range(len(raised)):
        raised[link] /= np.float32(1.0) + rivals[links[0, link]] + rivals[links[1, link]] - raised[link]
    return raised


@compiled
def _message(probability: np.ndarray, pair: np.ndarray, links: np.ndarray, nodes: int) -> np.ndarray:
    """To each node the sum of its links, each as much as it is probable."""
    total = np.zeros((nodes, pair.shape[1]), dtype=np.float32)
    for link in range(len(pair)):
        source, target = links[0, link], links[1, link]
        for column in range(pair.shape[1]):
            part = probability[link] * pair[link, column]
            total[source, column] += part
            total[target, column] += part
    return total
