"""Bipartite graphs as PyG's: what networks of torch learn from, batched by PyG's own ``Batch``."""

from __future__ import annotations

import numpy as np
import torch
from torch_geometric.data import Data

from gnntrack.association.graph import BipartiteGraph


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
