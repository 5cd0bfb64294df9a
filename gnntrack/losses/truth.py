"""Which candidate links are true."""

from __future__ import annotations

import warnings
from typing import Any

import torch
from torch import Tensor

from gnntrack.errors import DataWarning
from gnntrack.scatter import rows


def true_links(edge_index: Tensor, identity: Tensor, frame: Tensor, node_graph: Tensor | None = None) -> Tensor:
    """Which links lead to the next detection of the same identity among the nodes present.

    Two objects A and B, B unseen in frame 2; candidates may skip a frame::

        frame   1    2    3
        A       0 -> 1 -> 2      true: 0-1, 1-2 (not 0-2: it jumps over node 1)
        B       3 ------> 4      true: 3-4

    Args:
        edge_index: ``(2, E)`` candidate links.
        identity: ``(N,)``; −1 belongs to nobody.
        frame: ``(N,)``.
        node_graph: ``(N,)`` graph of each node; identities of different graphs are different.

    Returns:
        ``(E,)`` bool.

    Example:
        >>> edges = torch.tensor([[0, 1, 0, 3, 3], [1, 2, 2, 4, 2]])
        >>> true_links(edges, torch.tensor([7, 7, 7, 9, 9]), torch.tensor([1, 2, 3, 1, 3])).tolist()
        [True, True, False, True, False]
    """
    successor = torch.full_like(identity, -1)
    order = torch.argsort(frame, stable=True)
    order = order[torch.argsort(identity[order], stable=True)]
    if node_graph is not None:
        order = order[torch.argsort(node_graph[order], stable=True)]
    follows = (identity[order[:-1]] == identity[order[1:]]) & (identity[order[:-1]] >= 0)
    if node_graph is not None:
        follows = follows & (node_graph[order[:-1]] == node_graph[order[1:]])
    successor[order[:-1]] = torch.where(follows, order[1:], -1)
    return rows(successor, edge_index[0]) == edge_index[1]


def labels(data: Any, logits: Tensor, frame: Tensor, node_graph: Tensor) -> tuple[Tensor, bool]:
    """``(E,)`` 1.0 on true links, from ``edge_label`` or else ``identity``, and whether there is either.

    Warns:
        DataWarning: there is neither; all labels are 0.
    """
    label = getattr(data, "edge_label", None)
    if label is not None:
        return label.to(logits.dtype), True
    identity = getattr(data, "identity", None)
    if identity is not None:
        return true_links(data.edge_index, identity, frame, node_graph).to(logits.dtype), True
    warnings.warn(
        "the graph has neither edge_label nor identity: only the terms that need no ground truth count",
        DataWarning,
        stacklevel=4,
    )
    return torch.zeros_like(logits, requires_grad=False), False
