"""Time-aware message passing over the window graph."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch_geometric.data import Data

from gnntrack.dropout import Dropout
from gnntrack.errors import DataError
from gnntrack.graphs.feature_columns import EDGE_FEATURES, NODE_FEATURES, SPATIAL_FEATURES
from gnntrack.models.architectures import MessagePassingSettings
from gnntrack.scatter import rows, scatter_mean, scatter_softmax, scatter_sum
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
        logits: Tensor = self.head(self._encode(data)[1]).squeeze(-1)
        return logits

    def embed(self, data: Data) -> Tensor:
        """Node embeddings ``(N, hidden)`` after the last round."""
        return self._encode(data)[0]

    def _encode(self, data: Data) -> tuple[Tensor, Tensor]:
        """Node ``(N, hidden)`` and edge ``(E, hidden)`` states after the last round."""
        _check(data, self.attention.weight)
        source, target = data.edge_index
        near_source, near_target = data.spatial_edge_index
        nodes = self.node_in(data.x)
        edges = self.edge_in(data.edge_attr)
        spatial = self.spatial_in(data.spatial_edge_attr)
        first = self.edge_first(edges)  # the edge as it was, seen again in every round
        for _ in range(self.settings.rounds):
            ends = rows(self.edge_source(nodes), source) + rows(self.edge_target(nodes), target)
            mixed = ends + self.edge_self(edges) + first
            edges = self.edge_norm(edges + self.edge_update(mixed))
            weight_ahead, weight_behind = self.attention(edges).unbind(-1)
            count = nodes.shape[0]
            weight_ahead = scatter_softmax(weight_ahead, source, count).unsqueeze(-1)
            weight_behind = scatter_softmax(weight_behind, target, count).unsqueeze(-1)
            messages = [
                nodes,
                scatter_sum(weight_ahead * edges, source, count),
                scatter_sum(weight_behind * edges, target, count),
                scatter_mean(torch.relu(rows(self.spatial_message(nodes), near_source) + spatial), near_target, count),
            ]
            nodes = self.node_norm(nodes + self.node_update(torch.cat(messages, -1)))
        return nodes, edges


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
