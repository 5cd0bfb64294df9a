"""Figures of one graph."""

from __future__ import annotations

from typing import Any

import networkx as nx
from torch_geometric.data import Data

from gnntrack.inspection.convert import to_networkx


def describe(graph: Data) -> dict[str, Any]:
    """Nodes, frames, edges by kind and gap, and connected components of a graph.

    Example:
        >>> from gnntrack.datasets.sample import sample
        >>> from gnntrack.graphs import build_graph
        >>> describe(build_graph(sample("TUD-Campus", "detections")))["nodes"]
        222
    """
    network = to_networkx(graph)
    gap = (graph.frame[graph.edge_index[1]] - graph.frame[graph.edge_index[0]]).tolist()
    figures: dict[str, Any] = {
        "sequence": graph.name,
        "nodes": network.number_of_nodes(),
        "frames": int(graph.frame.unique().numel()),
        "temporal edges": int(graph.edge_index.shape[1]),
        "temporal edges by gap": {number: gap.count(number) for number in sorted(set(gap))},
        "spatial edges": int(graph.spatial_edge_index.shape[1]),
        "components": nx.number_weakly_connected_components(network),
    }
    if "edge_label" in graph:
        figures["true links"] = int(graph.edge_label.sum())
    return figures
