"""Message passing between tracks and detections, as a function: torch to train, numpy to track.

The graph of one frame is small: a few dozen nodes. There numpy takes a fraction of torch's time, because hardly more
is paid than the arithmetic; a test holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import torch

from gnntrack.graphs.groups import Groups
from gnntrack.scatter import rows, scatter_sum

#: Logits are cut off here, where a link is as good as certain.
CERTAIN = 15.0
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
    source, target = graph.links
    tracks = len(graph.tracks)
    nodes = sums.join(
        _two_layers(weights, "track_in", graph.tracks, dropout),
        _two_layers(weights, "detection_in", graph.detections, dropout),
    )
    near = sums.take(nodes @ weights["neighbour.state"], graph.neighbours[0])
    near = _positive(near + (graph.relations @ weights["neighbour.relation"] + weights["neighbour.bias"]))
    nodes = nodes + sums.neighbours(near) @ weights["neighbour.out"]
    pair = _two_layers(weights, "pair_in", graph.pairs, dropout)
    logits = []
    for number in range(rounds):
        name = f"rounds.{number}."
        mixed = sums.take(nodes @ weights[name + "source"], source)
        mixed = mixed + sums.take(nodes @ weights[name + "target"], target)
        mixed = _positive(mixed + (pair @ weights[name + "pair"] + weights[name + "pair_bias"]))
        mixed = _dropped(mixed, dropout)
        pair = _normalised(pair + mixed @ weights[name + "pair_out"], weights[name + "scale"])
        logits.append((pair @ weights["head"] + weights["head_bias"])[..., 0])
        raised = sums.exp(logits[-1])
        rivals = sums.both(raised)
        probability = raised / (1.0 + sums.take(rivals, source) + sums.take(rivals, target) - raised)
        message = sums.both(probability[:, None] * pair)
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


def _normalised(x: Any, scale: Any) -> Any:
    """Root mean square 1 in every row, then scaled (Zhang and Sennrich, NeurIPS 2019)."""
    if isinstance(x, torch.Tensor):
        return x * ((x * x).mean(-1, keepdim=True) + 1e-5).rsqrt() * scale
    norm = np.sqrt(np.einsum("ij,ij->i", x, x) / x.shape[1] + 1e-5)
    x /= norm[:, None]
    x *= scale
    return x


class _TorchSums:
    """Gathers and sums over the links and neighbours of a graph."""

    def __init__(self, graph: Any) -> None:
        self.graph = graph
        self.nodes = len(graph.tracks) + len(graph.detections)
        count = scatter_sum(torch.ones(len(graph.relations)), graph.neighbours[1], self.nodes)
        self.share = 1.0 / count.clamp(min=1.0)[:, None]

    def join(self, a: Any, b: Any) -> Any:
        return torch.cat([a, b])

    def take(self, x: Any, index: Any) -> Any:
        return rows(x, index)

    def exp(self, x: Any) -> Any:
        return x.clamp(max=CERTAIN).exp()

    def both(self, x: Any) -> Any:
        source, target = self.graph.links
        return scatter_sum(x, source, self.nodes).index_add(0, target, x)

    def neighbours(self, x: Any) -> Any:
        return scatter_sum(x, self.graph.neighbours[1], self.nodes) * self.share


class _NumpySums:
    """The same on numpy arrays."""

    def __init__(self, graph: Any) -> None:
        nodes = len(graph.tracks) + len(graph.detections)
        links = graph.links.shape[1]
        self._both = Groups(graph.links.ravel(), nodes, np.tile(np.arange(links), 2), links)
        self._near = Groups(graph.neighbours[1], nodes)

    def join(self, a: Any, b: Any) -> Any:
        return np.concatenate([a, b])

    def take(self, x: Any, index: Any) -> Any:
        return x.take(index, 0)

    def exp(self, x: Any) -> Any:
        return np.exp(np.minimum(x, CERTAIN))

    def both(self, x: Any) -> Any:
        return self._both.sum(x)

    def neighbours(self, x: Any) -> Any:
        return self._near.mean(x)
