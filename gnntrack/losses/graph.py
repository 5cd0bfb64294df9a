"""`LinkGraph`: the tensors of a window graph that the loss needs, checked once."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from gnntrack.errors import DataError, DataWarning
from gnntrack.scatter import rows, scatter_mean, scatter_sum

#: A box lower than this share of its window's mean height counts as that high: a zero-area box has no size of its own.
SMALLEST_SIZE = 0.1


@dataclass(frozen=True)
class LinkGraph:
    """A window graph (or a batch of them) as the terms see it: N nodes, E candidate links, G graphs.

    Attributes:
        source: ``(E,)`` node where each link starts (the past).
        target: ``(E,)`` node where it ends (the future).
        position: ``(N, 2)`` centres in pixels; may carry a gradient.
        step: ``(2, E)`` displacement along each link in pixels.
        gap: ``(E,)`` seconds between its ends.
        time: ``(N,)`` seconds.
        frame: ``(N,)`` frame numbers.
        size: ``(N,)`` unit of length of each node in pixels (box height); no gradient, or a model could shrink the
            loss by inflating its boxes.
        diagonal: ``(N,)`` picture diagonal in pixels (the window's own extent where the picture size is unknown).
        label: ``(E,)`` 1.0 on true links, 0.0 elsewhere.
        labelled: whether ground truth is there at all.
        true: indices of the true links.
        spatial: ``(2, S)`` neighbours within a frame.
        node_graph: ``(N,)`` graph of each node.
        link_graph: ``(E,)`` graph of each link.
        graphs: G.
        node_count: ``(G,)`` nodes per graph, at least 1.
        link_count: ``(G,)`` candidate links per graph.
        true_count: ``(G,)`` true links per graph, at least 1; nodes where there is no ground truth.
    """

    source: Tensor
    target: Tensor
    position: Tensor
    step: Tensor
    gap: Tensor
    time: Tensor
    frame: Tensor
    size: Tensor
    diagonal: Tensor
    label: Tensor
    labelled: bool
    true: Tensor
    spatial: Tensor
    node_graph: Tensor
    link_graph: Tensor
    graphs: int
    node_count: Tensor
    link_count: Tensor
    true_count: Tensor

    @property
    def nodes(self) -> int:
        """N."""
        return len(self.node_graph)

    def sum_links(self, values: Tensor) -> Tensor:
        """Sums ``(E,)`` values per graph: ``(G,)``; node by node first, as a sum into few places waits for itself."""
        if self.graphs == 1:
            return values.sum(0, keepdim=True)
        return self.sum_nodes(scatter_sum(values, self.target, self.nodes))

    def sum_true(self, values: Tensor) -> Tensor:
        """Sums values of the true links, in the order of ``true``, per graph: ``(G,)``."""
        return scatter_sum(values, rows(self.link_graph, self.true), self.graphs)

    def sum_nodes(self, values: Tensor) -> Tensor:
        """Sums ``(N,)`` values per graph: ``(G,)``."""
        return scatter_sum(values, self.node_graph, self.graphs)


def full_precision(logits: Tensor) -> Tensor:
    """Half precision logits as float32: sums of many exponentials do not fit into half precision."""
    return logits.float() if logits.dtype in (torch.float16, torch.bfloat16) else logits


def link_graph(logits: Tensor, data: Any) -> LinkGraph:
    """Takes what the loss needs out of a window graph and checks it.

    Args:
        logits: ``(E,)`` link logits; their type is the type of the loss.
        data: window graph with ``edge_index``, ``pos`` and ``time`` (or ``frame`` and ``frame_rate``), and, where they
            are known, ``box``, ``edge_label`` or ``identity``, ``spatial_edge_index``, ``batch``, ``width``,
            ``height``.

    Raises:
        DataError: shapes do not fit, a logit is not finite, or a link points backwards in time.
    """
    edges: Tensor = data.edge_index
    position: Tensor = data.pos.to(logits.dtype)
    nodes = len(position)
    _check_shapes(logits, data, nodes)
    source, target = edges[0], edges[1]
    batch = getattr(data, "batch", None)
    node_graph = torch.zeros(nodes, dtype=torch.int64, device=edges.device) if batch is None else batch
    graphs = 1 if batch is None else int(data.num_graphs)
    frame = _frames(data)
    time = _times(data, frame, node_graph, logits.dtype)
    _check_values(logits, data, position, time, node_graph, graphs)
    link_of = rows(node_graph, source)
    label, labelled = _labels(data, logits, frame, node_graph)
    spatial = getattr(data, "spatial_edge_index", None)
    true = label.nonzero()[:, 0]
    node_count = torch.bincount(node_graph, minlength=graphs).to(logits.dtype).clamp(min=1)
    true_count = scatter_sum(rows(label, true), rows(link_of, true), graphs).clamp(min=1)
    extent = _extent(position, node_graph, graphs)
    return LinkGraph(
        source=source,
        target=target,
        position=position,
        step=torch.stack([rows(axis, target) - rows(axis, source) for axis in position.unbind(1)]),
        gap=rows(time, target) - rows(time, source),
        time=time,
        frame=frame,
        size=_sizes(data, extent, node_graph, graphs, logits.dtype),
        diagonal=_diagonals(data, extent, node_graph, logits.dtype),
        label=label,
        labelled=labelled,
        true=true,
        spatial=edges.new_zeros((2, 0)) if spatial is None else spatial,
        node_graph=node_graph,
        link_graph=link_of,
        graphs=graphs,
        node_count=node_count,
        link_count=torch.bincount(link_of, minlength=graphs).to(logits.dtype),
        true_count=true_count if labelled else node_count,
    )


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


def _check_shapes(logits: Tensor, data: Any, nodes: int) -> None:
    edges = data.edge_index
    if edges.dim() != 2 or edges.shape[0] != 2:
        raise DataError(f"edge_index has shape {tuple(edges.shape)}", remedy="give (2, E)")
    if logits.shape != (edges.shape[1],):
        raise DataError(
            f"{tuple(logits.shape)} logits for {edges.shape[1]} links", remedy="give one logit per column of edge_index"
        )
    if not logits.is_floating_point():
        raise DataError(f"logits are {logits.dtype}", remedy="give floating point logits")
    for name in ("identity", "time", "frame", "box", "batch"):
        values = getattr(data, name, None)
        if values is not None and len(values) != nodes:
            raise DataError(f"{name} has {len(values)} entries for {nodes} nodes", remedy="give one per node")
    label = getattr(data, "edge_label", None)
    if label is not None and label.shape != logits.shape:
        raise DataError(f"edge_label has shape {tuple(label.shape)} for {len(logits)} links", remedy="one per link")


def _check_values(logits: Tensor, data: Any, position: Tensor, time: Tensor, node_graph: Tensor, graphs: int) -> None:
    """Raises on the first value that makes no sense; one synchronisation with the device when all is well."""
    edges: Tensor = data.edge_index
    nodes = len(position)
    inside = (edges >= 0).all() & (edges < nodes).all()
    safe = edges.clamp(0, max(nodes - 1, 0)) if nodes else edges.new_zeros((2, 0))
    forward = (rows(time, safe[1]) > rows(time, safe[0])).all() & (
        rows(node_graph, safe[0]) == rows(node_graph, safe[1])
    ).all()
    finite = logits.isfinite().all() & position.isfinite().all() & time.isfinite().all()
    if bool(inside & forward & finite) and (nodes or not edges.numel()):
        return
    if not bool(inside) or (edges.numel() and not nodes):
        raise DataError(f"edge_index names a node outside 0..{nodes - 1}", remedy="rebuild the graph")
    for name, values in (("position", position), ("time", time)):
        if not bool(values.isfinite().all()):
            node = int((~values.reshape(nodes, -1).isfinite().all(1)).nonzero()[0])
            raise DataError(f"the {name} of node {node} is not finite", remedy="check the boxes")
    source, target = edges[0], edges[1]
    if not bool(logits.isfinite().all()):
        bad = (~logits.isfinite()).nonzero()[:, 0]
        link = int(bad[0])
        raise DataError(
            f"{len(bad)} of {len(logits)} logits are not finite, first logits[{link}] = {logits[link].item()}"
            f"{_whereabouts(data, link, node_graph)}",
            remedy="lower the learning rate or clip gradients",
        )
    crossing = node_graph[source] != node_graph[target]
    if bool(crossing.any()):
        link = int(crossing.nonzero()[0])
        raise DataError(f"link {link} joins two graphs of the batch", remedy="batch with torch_geometric's loader")
    backwards = (time[target] <= time[source]).nonzero()[:, 0]
    link = int(backwards[0])
    start, end = time[source[link]].item(), time[target[link]].item()
    raise DataError(
        f"link {link} points backwards in time or within a frame ({start:g} s to {end:g} s)"
        f"{_whereabouts(data, link, node_graph)}",
        remedy="links go from past to future",
    )


def _whereabouts(data: Any, link: int, node_graph: Tensor) -> str:
    """Where a link lies, in the words of the data: nodes, frames, sequence."""
    source, target = (int(node) for node in data.edge_index[:, link])
    text = f" (node {source} to {target}"
    if getattr(data, "frame", None) is not None:
        text += f", frame {int(data.frame[source])} to {int(data.frame[target])}"
    name = getattr(data, "name", None)
    if isinstance(name, (list, tuple)):
        name = name[int(node_graph[source])]
    return text + (f", sequence {name})" if name else ")")


def _frames(data: Any) -> Tensor:
    frame = getattr(data, "frame", None)
    if frame is not None:
        return frame if isinstance(frame, Tensor) else torch.as_tensor(frame)
    if getattr(data, "time", None) is None:
        raise DataError("the graph has neither time nor frame", remedy="give the time of every node in seconds")
    moments: Tensor = torch.unique(data.time, return_inverse=True)[1]
    return moments


def _times(data: Any, frame: Tensor, node_graph: Tensor, dtype: torch.dtype) -> Tensor:
    """Seconds of every node: ``time``, else frames over the frame rate."""
    time = getattr(data, "time", None)
    if time is not None:
        return time.to(dtype) if isinstance(time, Tensor) else torch.as_tensor(time, dtype=dtype)
    rate = _per_node(getattr(data, "frame_rate", None), node_graph, dtype)
    if rate is None:
        raise DataError("the graph has neither time nor frame_rate", remedy="give the time of every node in seconds")
    return frame.to(dtype) / rate


def _labels(data: Any, logits: Tensor, frame: Tensor, node_graph: Tensor) -> tuple[Tensor, bool]:
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


def _extent(position: Tensor, node_graph: Tensor, graphs: int) -> Tensor:
    """Root mean square distance of the nodes from the middle of their graph, in pixels: ``(N,)``, above zero."""
    fixed = position.detach()
    centred = fixed - rows(scatter_mean(fixed, node_graph, graphs), node_graph)
    extent = scatter_mean(centred.square().sum(1), node_graph, graphs).sqrt()
    return torch.where(extent > 0, extent, 1.0)[node_graph]


def _sizes(data: Any, extent: Tensor, node_graph: Tensor, graphs: int, dtype: torch.dtype) -> Tensor:
    box = getattr(data, "box", None)
    if box is None:
        return extent
    height = box.detach()[:, 3].to(dtype).clamp(min=0)
    mean = rows(scatter_mean(height, node_graph, graphs), node_graph)
    mean = torch.where(mean > 0, mean, extent)
    return torch.maximum(height, SMALLEST_SIZE * mean)


def _diagonals(data: Any, extent: Tensor, node_graph: Tensor, dtype: torch.dtype) -> Tensor:
    width = _per_node(getattr(data, "width", None), node_graph, dtype)
    height = _per_node(getattr(data, "height", None), node_graph, dtype)
    if width is None or height is None:
        return extent
    diagonal = (width.square() + height.square()).sqrt()
    return torch.where(diagonal > 0, diagonal, extent)


def _per_node(value: Any, node_graph: Tensor, dtype: torch.dtype) -> Tensor | None:
    """A number per graph (a plain one, a list or a tensor after batching) as one per node."""
    if value is None:
        return None
    per_graph = torch.as_tensor(value, dtype=dtype, device=node_graph.device).reshape(-1)
    return per_graph.expand(len(node_graph)) if len(per_graph) == 1 else per_graph[node_graph]
