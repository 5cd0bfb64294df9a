"""Time-aware message passing over the window graph."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch_geometric.data import Data

from gnntrack.dropout import Dropout
from gnntrack.errors import DataError
from gnntrack.graphs.feature_columns import EDGE_FEATURES, NODE_FEATURES, SPATIAL_FEATURES
from gnntrack.models.architectures import MessagePassingSettings
from gnntrack.models.fused_layers import layers_for
from gnntrack.models.window_layers import Pairs, WindowLayers, linear_layers
from gnntrack.tensor_checks import check_devices, check_index, check_rows


class MessagePassing(nn.Module):
    """Scores candidate links by message passing between boxes (after Brasó and Leal-Taixé, CVPR 2020).

    Each round updates every edge from its two boxes, then every box from three separate messages: from its past
    candidates, from its future candidates (both weighted by attention, so rivals are compared) and from its
    neighbours in the frame. Both updates are residual; the rounds share their weights.

    Args:
        settings: widths and rounds.

    Example:
        >>> from gnntrack.datasets.sample import sample
        >>> from gnntrack.graphs import build_graph
        >>> graph = build_graph(sample("TUD-Campus", "detections"))
        >>> logits = MessagePassing(MessagePassingSettings())(graph)
        >>> logits.shape[0] == graph.num_edges
        True
    """

    def __init__(self, settings: MessagePassingSettings) -> None:
        super().__init__()
        self.settings = settings
        width = settings.hidden
        self.node_in = _perceptron(len(NODE_FEATURES), width)
        self.edge_in = _perceptron(len(EDGE_FEATURES), width)
        self.spatial_in = _perceptron(len(SPATIAL_FEATURES), width)
        # the first layer of the edge update, split so that boxes are projected before they are gathered
        self.edge_source = nn.Linear(width, width)
        self.edge_target = nn.Linear(width, width, bias=False)
        self.edge_self = nn.Linear(width, width, bias=False)
        self.edge_first = nn.Linear(width, width, bias=False)
        self.edge_update = nn.Sequential(nn.GELU(), nn.Linear(width, width))
        self.edge_norm = nn.LayerNorm(width)
        self.attention = nn.Linear(width, 2)
        self.spatial_message = nn.Linear(width, width)
        self.node_update = nn.Sequential(
            nn.Linear(4 * width, width), nn.GELU(), Dropout(settings.dropout), nn.Linear(width, width)
        )
        self.node_norm = nn.LayerNorm(width)
        self.head = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.Linear(width, 1))

    def forward(self, data: Data) -> Tensor:
        """The same as :meth:`score`."""
        return self.score(data)

    def score(self, data: Data) -> Tensor:
        """Link logits ``(E,)``, one a temporal edge of ``data``; above 0 means "linked rather than not".

        Raises:
            DataError: an index names a node that is not there, or features do not fit nodes, links or the network.
        """
        layers, *_, edges = self._encode(data, embed=False)
        first, last = linear_layers(self.head)
        logits: Tensor = last(layers.gelu_of_linear(edges, first))
        return logits.squeeze(-1)

    def embed(self, data: Data) -> Tensor:
        """Node embeddings ``(N, hidden)`` after the last round."""
        _, nodes, _ = self._encode(data, embed=True)
        return nodes

    def _encode(self, data: Data, embed: bool) -> tuple[WindowLayers, Tensor, Tensor]:
        """The layers in use, and node ``(N, hidden)`` and edge ``(E, hidden)`` states after the last round.

        No logit depends on what nodes are told in the last round: without ``embed`` that is left out.
        """
        _check(data, self.attention.weight)
        layers = layers_for(self.training, data.x, data.edge_attr, data.spatial_edge_attr, self.attention.weight)
        links = Pairs.of(data.edge_index, len(data.x))
        nodes = self.node_in(data.x)
        edges = layers.perceptron(data.edge_attr, self.edge_in)
        spatial = layers.perceptron(data.spatial_edge_attr, self.spatial_in)
        near = Pairs.of(data.spatial_edge_index, len(data.x))
        (update,) = linear_layers(self.edge_update)
        first = self.edge_first(edges)  # the edge as it was, seen again in every round
        for number in range(1, self.settings.rounds + 1):
            mixed = layers.mix(self.edge_self(edges), first, self.edge_source(nodes), self.edge_target(nodes), links)
            edges = layers.norm_of_sum(edges, mixed, update, self.edge_norm)
            if embed or number < self.settings.rounds:
                told = layers.neighbours(self.spatial_message(nodes), spatial, near)
                messages = [nodes, *layers.messages(edges, self.attention, links), told]
                nodes = self.node_norm(nodes + self.node_update(torch.cat(messages, -1)))
        return layers, nodes, edges


def _check(data: Data, weights: Tensor) -> None:
    """Raises on the first field of a window graph that does not fit the others: what a cut by hand leaves behind."""
    fields = ("x", "edge_index", "edge_attr", "spatial_edge_index", "spatial_edge_attr")
    values = {name: getattr(data, name, None) for name in fields}
    for name, tensor in values.items():
        if not isinstance(tensor, Tensor):
            raise DataError(f"the graph has no {name}", remedy="build it with gnntrack.graphs.build_graph")
    check_devices({"the network": weights} | values)
    check_rows("x", data.x, len(data.x), "nodes", len(NODE_FEATURES))
    for prefix, features in (("", EDGE_FEATURES), ("spatial_", SPATIAL_FEATURES)):
        index = data[f"{prefix}edge_index"]
        check_index(f"{prefix}edge_index", index, len(data.x))
        check_rows(f"{prefix}edge_attr", data[f"{prefix}edge_attr"], index.shape[1], "links", len(features))


def _perceptron(features: int, width: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(features, width), nn.GELU(), nn.Linear(width, width), nn.LayerNorm(width))
