"""Which candidate links are true."""

from __future__ import annotations

import warnings
from typing import Any

import torch
from torch import Tensor

from gnntrack.errors import DataError, DataWarning
from gnntrack.scatter import rows
from gnntrack.tensor_checks import check_devices, check_index, check_rows, check_whole


def identity_links(identity: Tensor, frame: Tensor, node_graph: Tensor | None = None) -> Tensor:
    """From every node to the next of the same identity, whether it is a candidate or not: ``(2, M)``.

    Args:
        identity: ``(N,)`` whole numbers; below 0: no identity.
        frame: ``(N,)``.
        node_graph: ``(N,)`` graph of each node; identities of different graphs are different.

    Raises:
        DataError: an identity stands twice in a frame, or a tensor does not fit.

    Example:
        >>> identity_links(torch.tensor([7, 8, 7, -1, -1]), torch.tensor([1, 1, 2, 2, 2])).tolist()
        [[0], [2]]
    """
    check_devices({"identity": identity, "frame": frame, "node_graph": node_graph})
    check_rows("identity", identity, len(identity), "nodes")
    check_whole("identity", identity)
    for name, values in (("frame", frame), ("node_graph", node_graph)):
        check_rows(name, values, len(identity), "nodes")
    order = torch.argsort(frame, stable=True)
    order = order[torch.argsort(identity[order], stable=True)]
    if node_graph is not None:
        order = order[torch.argsort(node_graph[order], stable=True)]
    before, after = order[:-1], order[1:]
    same = (identity[before] == identity[after]) & (identity[before] >= 0)
    if node_graph is not None:
        same = same & (node_graph[before] == node_graph[after])
    before, after = before[same], after[same]
    twice = (frame[before] == frame[after]).nonzero().squeeze(1)
    if len(twice):
        first, second = int(before[twice[0]]), int(after[twice[0]])
        raise DataError(
            f"identity {int(identity[first])} stands twice in frame {frame[first].item()} (node {first} and {second})",
            remedy="an identity has one box a frame; -1 means none",
        )
    return torch.stack([before, after])


def true_links(edge_index: Tensor, identity: Tensor, frame: Tensor, node_graph: Tensor | None = None) -> Tensor:
    """Which links lead to the next detection of the same identity among the nodes present.

    Two objects A and B, B unseen in frame 2; candidates may skip a frame::

        frame   1    2    3
        A       0 -> 1 -> 2      true: 0-1, 1-2 (not 0-2: it jumps over node 1)
        B       3 ------> 4      true: 3-4

    Args:
        edge_index: ``(2, E)`` candidate links.
        identity: ``(N,)``; −1 has none.
        frame: ``(N,)``.
        node_graph: ``(N,)`` graph of each node; identities of different graphs are different.

    Returns:
        ``(E,)`` bool.

    Raises:
        DataError: an identity stands twice in a frame, or a tensor does not fit.

    Example:
        >>> edges = torch.tensor([[0, 1, 0, 3, 3], [1, 2, 2, 4, 2]])
        >>> true_links(edges, torch.tensor([7, 7, 7, 9, 9]), torch.tensor([1, 2, 3, 1, 3])).tolist()
        [True, True, False, True, False]
    """
    check_devices({"edge_index": edge_index, "identity": identity})
    before, after = identity_links(identity, frame, node_graph)
    check_index("edge_index", edge_index, len(identity))
    successor = edge_index.new_full((len(identity),), -1)
    successor[before] = after
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
        stacklevel=5,
    )
    return torch.zeros_like(logits, requires_grad=False), False
