"""The network that scores candidate links: tracks against detections, or ends of tracklets against beginnings."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch_geometric.data import Data

from gnntrack.association.compiled_layers import EPSILON
from gnntrack.association.compiled_network import CERTAIN
from gnntrack.association.data import check_data
from gnntrack.association.feature_columns import APPEARANCE, APPEARANCE_FEATURES, NEIGHBOUR_FEATURES
from gnntrack.association.packed_weights import Weights
from gnntrack.association.weights import Shape, link_weights
from gnntrack.dropout import Dropout
from gnntrack.precision import full_precision
from gnntrack.scatter import rows, scatter_mean, scatter_sum

#: First layers of perceptrons begin with weights so much larger than those that keep the variance of their input.
GAIN = 1.7


class LinkScores(NamedTuple):
    """The outputs of a :class:`LinkNetwork` for a graph of N nodes, E candidates and D new nodes.

    Attributes:
        logits: ``(E,)`` for every round, the last round's last; above 0: linked rather than not.
        probability: ``(E,)`` of every link against its rivals on both sides and against none, in the last round.
        real: ``(D,)`` logit of "this detection is an object", not a false positive.
        nodes: ``(N, hidden)`` states after the last round.
    """

    logits: list[Tensor]
    probability: Tensor
    real: Tensor
    nodes: Tensor


class Perceptron(nn.Module):
    """Two linear layers with a ReLU in between.

    Args:
        inputs: columns of the input.
        hidden: width in between.
        outputs: columns of the output; the same width, if left out.
        dropout: share of hidden values that are dropped in training.
    """

    def __init__(self, inputs: int, hidden: int, outputs: int | None = None, dropout: float = 0.0) -> None:
        super().__init__()
        self.first = _linear(inputs, hidden, gain=GAIN)
        self.second = _linear(hidden, hidden if outputs is None else outputs, gain=GAIN)
        self.dropout = Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """``(N, inputs)`` to ``(N, outputs)``."""
        result: Tensor = self.second(self.dropout(self.first(x).relu()))
        return result


class MessageRound(nn.Module):
    """One round: links are updated from their ends, then nodes from their links.

    Args:
        width: of node and link states.
        dropout: share of hidden values that are dropped in training.
    """

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.source, self.target = _linear(width, width, bias=False), _linear(width, width, bias=False)
        self.edge, self.edge_out = _linear(width, width), _linear(width, width, bias=False)
        self.node, self.message = _linear(width, width), _linear(width, width, bias=False)
        self.node_out = _linear(width, width, bias=False)
        self.scale = nn.Parameter(torch.ones(width))
        self.dropout = Dropout(dropout)

    def update_edges(self, nodes: Tensor, edges: Tensor, edge_index: Tensor) -> Tensor:
        """New states ``(E, width)``, with RMS normalisation (Zhang and Sennrich, NeurIPS 2019)."""
        source, target = edge_index
        mixed = (rows(self.source(nodes), source) + rows(self.target(nodes), target) + self.edge(edges)).relu()
        edges = edges + self.edge_out(self.dropout(mixed))
        return edges * (edges.square().mean(-1, keepdim=True) + EPSILON).rsqrt() * self.scale

    def update_nodes(self, nodes: Tensor, message: Tensor) -> Tensor:
        """New states ``(N, width)``."""
        result: Tensor = nodes + self.node_out((self.node(nodes) + self.message(message)).relu())
        return result


class LinkNetwork(nn.Module):
    """Scores the candidate links of a graph from past nodes to future nodes.

    Every round updates each link from its two ends, reads a logit off it, and gives each end the sum of its links,
    weighted by the probability of each against its rivals. In the next round, so, a link depends on its rivals, and on
    theirs.

    Args:
        settings: width, rounds, dropout, appearance.
        past: features of a track, or of a tracklet's end.
        future: features of a detection, or of a tracklet's beginning.
        edge: features of a candidate.
    """

    def __init__(self, settings: Shape, past: int, future: int, edge: int) -> None:
        super().__init__()
        self.shape = settings
        width, dropout = settings.hidden, settings.dropout
        self.past_in = Perceptron(past, width, dropout=dropout)
        self.future_in = Perceptron(future, width, dropout=dropout)
        self.edge_in = Perceptron(edge, width, dropout=dropout)
        self.neighbour_state = _linear(width, width, bias=False)
        self.neighbour_relation = _linear(NEIGHBOUR_FEATURES, width)
        self.neighbour_out = _linear(width, width, bias=False)
        self.rounds = nn.ModuleList(MessageRound(width, dropout) for _ in range(settings.rounds))
        self.head = _linear(width, 1)
        self.real = Perceptron(width, width, 1)
        self.appearance = (
            Perceptron(edge + APPEARANCE_FEATURES, width, dropout=dropout) if settings.appearance else None
        )

    def forward(self, data: Data) -> Tensor:
        """The same as :meth:`score`."""
        return self.score(data)

    def score(self, data: Data) -> Tensor:
        """Link logits ``(E,)``, one a candidate of ``data``; above 0 means "linked rather than not"."""
        return self.scores(data).logits[-1]

    def embed(self, data: Data) -> Tensor:
        """Node embeddings ``(N, hidden)`` after the last round."""
        return self.scores(data).nodes

    def scores(self, data: Data) -> LinkScores:
        """All outputs for a graph, or for a batch of graphs (:mod:`gnntrack.association.data`)."""
        widths = [part.first.in_features for part in (self.past_in, self.future_in, self.edge_in)]
        check_data(data, max(widths[:2]), widths[2], self.appearance is not None)
        edge_index, future = data.edge_index, data.future
        count = len(future)
        nodes = data.x.new_zeros((count, self.head.in_features))
        nodes[~future] = self.past_in(data.x[~future, : self.past_in.first.in_features]).to(nodes.dtype)
        nodes[future] = self.future_in(data.x[future, : self.future_in.first.in_features]).to(nodes.dtype)
        near, here = data.spatial_edge_index
        heard = (rows(self.neighbour_state(nodes), near) + self.neighbour_relation(data.spatial_edge_attr)).relu()
        nodes = nodes + self.neighbour_out(scatter_mean(heard, here, count))
        edges = self.edge_in(data.edge_attr)
        if self.appearance is not None:
            both = torch.cat([data.edge_attr, data.appearance], 1)
            edges = edges + data.appearance[:, APPEARANCE.known, None] * self.appearance(both)
        logits: list[Tensor] = []
        for part in self.rounds:
            assert isinstance(part, MessageRound)
            edges = part.update_edges(nodes, edges, edge_index)
            logits.append(self.head(edges).squeeze(-1))
            probability = self._probability(logits[-1], edge_index, count)
            message = probability.to(edges.dtype)[:, None] * edges
            nodes = part.update_nodes(nodes, _to_both_ends(message, edge_index, count))
        return LinkScores(logits, probability, self.real(nodes[future]).squeeze(-1), nodes)

    def gathered(self) -> Weights:
        """The weights in the form that :mod:`gnntrack.association.compiled_network` takes, for tracking."""
        return link_weights(arrays_of(self), self.shape)

    def _probability(self, logits: Tensor, edge_index: Tensor, count: int) -> Tensor:
        """Of each link against its rivals on both sides, and against none: ``(E,)``."""
        raised = full_precision(logits).clamp(max=CERTAIN).exp()
        rivals = _to_both_ends(raised, edge_index, count)
        source, target = edge_index
        return raised / (1.0 + rows(rivals, source) + rows(rivals, target) - raised)


def _to_both_ends(edges: Tensor, edge_index: Tensor, count: int) -> Tensor:
    """To each node the sum over its links: ``(E, ...)`` to ``(N, ...)``."""
    source, target = edge_index
    return scatter_sum(edges, source, count) + scatter_sum(edges, target, count)


def _linear(inputs: int, outputs: int, bias: bool = True, gain: float = 1.0) -> nn.Linear:
    """A linear layer of uniform weights, and of bias 0."""
    layer = nn.Linear(inputs, outputs, bias=bias)
    nn.init.uniform_(layer.weight, -gain * inputs**-0.5, gain * inputs**-0.5)
    if bias:
        nn.init.zeros_(layer.bias)
    return layer


def arrays_of(network: nn.Module) -> dict[str, np.ndarray]:
    """The weights of a network as float32 arrays, by name; they may share memory with it."""
    return {name: tensor.detach().cpu().float().numpy() for name, tensor in network.state_dict().items()}
