"""Message passing between tracks and detections, as a function: torch to train, numpy to track.

The graph of one frame is small: a few dozen nodes. There numpy takes a fraction of torch's time, because hardly more
is paid than the arithmetic; a test holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import torch

from gnntrack.graphs.compiled import compiled
from gnntrack.scatter import rows, scatter_sum

#: Logits are cut off here, where a link is as good as certain.
CERTAIN = 15.0
#: Added to mean squares that are divided by.
STEADY = 1e-5
#: Numpy or torch arrays by name.
Arrays = Mapping[str, Any]


class Scores(NamedTuple):
    """What the network says of a graph.

    Attributes:
        logits: ``(E,)`` for every round, the last round's last; above 0: linked rather than not.
        probability: ``(E,)`` of every link against its rivals on both sides and against none, in the last round.
        real: ``(D,)`` logit of "this detection is an object", not a false positive.
    """

    logits: list[Any]
    probability: Any
    real: Any


def associate(weights: Arrays, graph: Any, rounds: int, dropout: float = 0.0) -> Scores:
    """Scores the links of an association graph.

    Every round updates each link from its two ends, reads a logit off it, and gives each end the sum of its links,
    weighted by the probability of each against its rivals: so in the next round a link knows what its rivals, and
    theirs, would rather do.

    Args:
        weights: parameters of :class:`gnntrack.models.AssociationNetwork`, all numpy or all torch.
        graph: an :class:`gnntrack.graphs.AssociationGraph`, or a batch of them, of the same kind of arrays.
        rounds: how many rounds the weights have.
        dropout: share of the hidden values that are dropped; torch alone, in training.
    """
    sums = _TorchSums(graph) if isinstance(graph.pairs, torch.Tensor) else _NumpySums(graph)
    tracks = len(graph.tracks)
    nodes = sums.join(
        _two_layers(weights, "track_in", graph.tracks, dropout),
        _two_layers(weights, "detection_in", graph.detections, dropout),
    )
    near = graph.relations @ weights["neighbour.relation"] + weights["neighbour.bias"]
    nodes = nodes + sums.neighbours(nodes @ weights["neighbour.state"], near) @ weights["neighbour.out"]
    pair = _two_layers(weights, "pair_in", graph.pairs, dropout)
    logits = []
    for number in range(rounds):
        name = f"rounds.{number}."
        own = pair @ weights[name + "pair"] + weights[name + "pair_bias"]
        mixed = _dropped(sums.mixed(nodes @ weights[name + "source"], nodes @ weights[name + "target"], own), dropout)
        pair = sums.normalised(pair + mixed @ weights[name + "pair_out"], weights[name + "scale"])
        logits.append((pair @ weights["head"] + weights["head_bias"])[..., 0])
        probability = sums.probability(logits[-1])
        message = sums.message(probability, pair)
        mixed = nodes @ weights[name + "node"] + message @ weights[name + "message"] + weights[name + "node_bias"]
        nodes = nodes + _positive(mixed) @ weights[name + "node_out"]
    return Scores(logits, probability, _two_layers(weights, "real", nodes[tracks:])[..., 0])


def _two_layers(weights: Arrays, name: str, x: Any, dropout: float = 0.0) -> Any:
    hidden = _dropped(_positive(x @ weights[name + ".first"] + weights[name + ".first_bias"]), dropout)
    return hidden @ weights[name + ".second"] + weights[name + ".second_bias"]


def _dropped(x: Any, share: float) -> Any:
    return torch.nn.functional.dropout(x, share) if share else x


def _positive(x: Any) -> Any:
    return x.relu() if isinstance(x, torch.Tensor) else np.maximum(x, 0.0, out=x)


class _TorchSums:
    """What passes along the links and neighbours of a graph; torch."""

    def __init__(self, graph: Any) -> None:
        self.graph = graph
        self.nodes = len(graph.tracks) + len(graph.detections)
        count = scatter_sum(torch.ones(len(graph.relations)), graph.neighbours[1], self.nodes)
        self.share = 1.0 / count.clamp(min=1.0)[:, None]

    def join(self, a: Any, b: Any) -> Any:
        return torch.cat([a, b])

    def neighbours(self, state: Any, relation: Any) -> Any:
        """To each node the mean over its neighbours."""
        near = (rows(state, self.graph.neighbours[0]) + relation).relu()
        return scatter_sum(near, self.graph.neighbours[1], self.nodes) * self.share

    def mixed(self, track: Any, detection: Any, own: Any) -> Any:
        """To each link what its two ends and itself say."""
        source, target = self.graph.links
        return (rows(track, source) + rows(detection, target) + own).relu()

    def normalised(self, x: Any, scale: Any) -> Any:
        """Root mean square 1 in every row, then scaled (Zhang and Sennrich, NeurIPS 2019)."""
        return x * ((x * x).mean(-1, keepdim=True) + STEADY).rsqrt() * scale

    def probability(self, logits: Any) -> Any:
        """Of each link against its rivals on both sides, and against none."""
        source, target = self.graph.links
        raised = logits.clamp(max=CERTAIN).exp()
        rivals = self._both(raised)
        return raised / (1.0 + rows(rivals, source) + rows(rivals, target) - raised)

    def message(self, probability: Any, pair: Any) -> Any:
        """To each node the sum of its links, each as much as it is probable."""
        return self._both(probability[:, None] * pair)

    def _both(self, x: Any) -> Any:
        source, target = self.graph.links
        return scatter_sum(x, source, self.nodes).index_add(0, target, x)


class _NumpySums:
    """The same on numpy arrays."""

    def __init__(self, graph: Any) -> None:
        self.graph = graph
        self.nodes = len(graph.tracks) + len(graph.detections)

    def join(self, a: Any, b: Any) -> Any:
        return np.concatenate([a, b])

    def neighbours(self, state: Any, relation: Any) -> Any:
        return _neighbours(state, relation, self.graph.neighbours)

    def mixed(self, track: Any, detection: Any, own: Any) -> Any:
        return _mixed(track, detection, own, self.graph.links)

    def normalised(self, x: Any, scale: Any) -> Any:
        return _normalised(x, scale)

    def probability(self, logits: Any) -> Any:
        return _probability(logits, self.graph.links, self.nodes)

    def message(self, probability: Any, pair: Any) -> Any:
        return _message(probability, pair, self.graph.links, self.nodes)


@compiled
def _neighbours(state: np.ndarray, relation: np.ndarray, neighbours: np.ndarray) -> np.ndarray:
    total = np.zeros_like(state)
    count = np.zeros(len(state), dtype=np.float32)
    for row in range(len(relation)):
        near, to = neighbours[0, row], neighbours[1, row]
        count[to] += 1.0
        for column in range(state.shape[1]):
            total[to, column] += max(state[near, column] + relation[row, column], 0.0)
    for row in range(len(state)):
        total[row] /= max(count[row], 1.0)
    return total


@compiled
def _mixed(track: np.ndarray, detection: np.ndarray, own: np.ndarray, links: np.ndarray) -> np.ndarray:
    for link in range(len(own)):
        source, target = links[0, link], links[1, link]
        for column in range(own.shape[1]):
            own[link, column] = max(track[source, column] + detection[target, column] + own[link, column], 0.0)
    return own


@compiled
def _normalised(x: np.ndarray, scale: np.ndarray) -> np.ndarray:
    for row in range(len(x)):
        square = STEADY * x.shape[1]
        for column in range(x.shape[1]):
            square += x[row, column] * x[row, column]
        share = np.float32(1.0 / np.sqrt(square / x.shape[1]))
        for column in range(x.shape[1]):
            x[row, column] *= share * scale[column]
    return x


@compiled
def _probability(logits: np.ndarray, links: np.ndarray, nodes: int) -> np.ndarray:
    raised = np.exp(np.minimum(logits, np.float32(CERTAIN)))
    rivals = np.zeros(nodes, dtype=np.float32)
    for link in range(len(raised)):
        rivals[links[0, link]] += raised[link]
        rivals[links[1, link]] += raised[link]
    for link in range(len(raised)):
        raised[link] /= np.float32(1.0) + rivals[links[0, link]] + rivals[links[1, link]] - raised[link]
    return raised


@compiled
def _message(probability: np.ndarray, pair: np.ndarray, links: np.ndarray, nodes: int) -> np.ndarray:
    total = np.zeros((nodes, pair.shape[1]), dtype=np.float32)
    for link in range(len(pair)):
        source, target = links[0, link], links[1, link]
        for column in range(pair.shape[1]):
            part = probability[link] * pair[link, column]
            total[source, column] += part
            total[target, column] += part
    return total
