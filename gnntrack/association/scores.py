"""Message passing between tracks and detections, as a function of weights and graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import torch

from gnntrack.scatter import rows, scatter_sum

#: Logits are cut off here, where a link is as good as certain.
CERTAIN = 15.0
#: Added to mean squares that are divided by.
STEADY = 1e-5
#: Parameters by name.
Weights = Mapping[str, Any]


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


def associate(weights: Weights, graph: Any, rounds: int, dropout: float = 0.0) -> Scores:
    """Scores the links of an association graph.

    Every round updates each link from its two ends, reads a logit off it, and gives each end the sum of its links,
    weighted by the probability of each against its rivals: so in the next round a link knows what its rivals, and
    theirs, would rather do.

    Args:
        weights: parameters of :class:`gnntrack.models.AssociationNetwork`.
        graph: an :class:`gnntrack.graphs.AssociationGraph` of tensors, or a batch of them.
        rounds: how many rounds the weights have.
        dropout: share of the hidden values that are dropped, in training.
    """
    sums = _Sums(graph)
    tracks = len(graph.tracks)
    left = _two_layers(weights, "track_in", graph.tracks, dropout)
    nodes = torch.cat([left, _two_layers(weights, "detection_in", graph.detections, dropout)])
    near = graph.relations @ weights["neighbour.relation"] + weights["neighbour.bias"]
    nodes = nodes + sums.neighbours(nodes @ weights["neighbour.state"], near) @ weights["neighbour.out"]
    pair = _two_layers(weights, "pair_in", graph.pairs, dropout)
    if "appearance.first" in weights:
        both = torch.cat([graph.pairs, graph.appearance], 1)
        # the first column: whether there is anything to see
        pair = pair + graph.appearance[:, :1] * _two_layers(weights, "appearance", both, dropout)
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
        nodes = nodes + mixed.relu() @ weights[name + "node_out"]
    return Scores(logits, probability, _two_layers(weights, "real", nodes[tracks:])[..., 0])


def _two_layers(weights: Weights, name: str, x: Any, dropout: float = 0.0) -> Any:
    hidden = _dropped((x @ weights[name + ".first"] + weights[name + ".first_bias"]).relu(), dropout)
    return hidden @ weights[name + ".second"] + weights[name + ".second_bias"]


def _dropped(x: Any, share: float) -> Any:
    return torch.nn.functional.dropout(x, share) if share else x


class _Sums:
    """What passes along the links and neighbours of a graph."""

    def __init__(self, graph: Any) -> None:
        self.graph = graph
        self.nodes = len(graph.tracks) + len(graph.detections)
        count = scatter_sum(torch.ones(len(graph.relations)), graph.neighbours[1], self.nodes)
        self.share = 1.0 / count.clamp(min=1.0)[:, None]

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
