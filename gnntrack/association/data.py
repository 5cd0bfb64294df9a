"""Bipartite graphs as PyG's: what networks of torch learn from, batched by PyG's own ``Batch``."""

from __future__ import annotations

import numpy as np
import torch
from torch_geometric.data import Data

from gnntrack.association.feature_columns import APPEARANCE_FEATURES, NEIGHBOUR_FEATURES
from gnntrack.association.graph import BipartiteGraph
from gnntrack.errors import DataError
from gnntrack.tensor_checks import check_rows


def as_data(graph: BipartiteGraph, label: np.ndarray | None = None) -> Data:
    """The graph with the field names of window graphs.

    Args:
        graph: T nodes that came before and D that may follow.
        label: ``(E,)`` which candidates are true.

    Returns:
        ``x (T + D, F)``: features of the nodes, those of the kind that has fewer filled up with zeros; ``future
        (T + D,)``: whether a node may follow; ``edge_index (2, E)`` and ``edge_attr`` of the candidates,
        ``appearance (E, A)``; ``spatial_edge_index (2, S)`` and ``spatial_edge_attr`` of neighbours; with a ``label``
        also ``edge_label (E,)``.
    """
    past, future = graph.past, graph.future
    x = np.zeros((len(past) + len(future), max(past.shape[1], future.shape[1])), dtype=np.float32)
    x[: len(past), : past.shape[1]] = past
    x[len(past) :, : future.shape[1]] = future
    names = ("edge_index", "edge_attr", "appearance", "spatial_edge_index", "spatial_edge_attr")
    data = Data(
        x=torch.from_numpy(x),
        future=torch.arange(len(x)) >= len(past),
        **{name: torch.from_numpy(getattr(graph, name)) for name in names},
    )
    if label is not None:
        data.edge_label = torch.from_numpy(label).float()
    return data


def check_data(data: Data, nodes: int, edges: int, appearance: bool) -> None:
    """Refuses a graph that was made for another network.

    Args:
        data: what :func:`as_data` makes, or a batch.
        nodes: features of a node.
        edges: features of a candidate.
        appearance: whether the network uses embeddings.

    Raises:
        DataError: a field is missing, or has not the rows and columns that it should have.
    """
    fields = ("x", "future", "edge_index", "edge_attr", "spatial_edge_index", "spatial_edge_attr")
    for name in (*fields, "appearance") if appearance else fields:
        if name not in data:
            raise DataError(f"the graph has no {name}", remedy="build it with gnntrack.association.data.as_data")
    candidates = data.edge_index.shape[1]
    check_rows("x", data.x, len(data.future), "nodes", nodes)
    check_rows("edge_attr", data.edge_attr, candidates, "links", edges)
    check_rows(
        "spatial_edge_attr", data.spatial_edge_attr, data.spatial_edge_index.shape[1], "links", NEIGHBOUR_FEATURES
    )
    if appearance:
        check_rows("appearance", data.appearance, candidates, "links", APPEARANCE_FEATURES)
