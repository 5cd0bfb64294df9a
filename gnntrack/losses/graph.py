"""`LinkGraph`: the tensors of a window graph that the loss needs, checked once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from gnntrack.losses.graph_checks import check_nodes, check_shapes, check_values
from gnntrack.losses.truth import labels
from gnntrack.losses.units import diagonals, extents, frames, sizes, times
from gnntrack.scatter import rows, scatter_sum


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
    check_shapes(logits, data, nodes)
    check_nodes(edges, nodes)
    source, target = edges[0], edges[1]
    batch = getattr(data, "batch", None)
    node_graph = torch.zeros(nodes, dtype=torch.int64, device=edges.device) if batch is None else batch
    graphs = 1 if batch is None else int(data.num_graphs)
    frame = frames(data)
    time = times(data, frame, node_graph, logits.dtype)
    gap = rows(time, target) - rows(time, source)
    check_values(logits, data, position, time, gap, node_graph)
    link_of = rows(node_graph, source)
    label, labelled = labels(data, logits, frame, node_graph)
    spatial = getattr(data, "spatial_edge_index", None)
    true = label.nonzero()[:, 0]
    node_count = torch.bincount(node_graph, minlength=graphs).to(logits.dtype).clamp(min=1)
    true_count = scatter_sum(rows(label, true), rows(link_of, true), graphs).clamp(min=1)
    extent = extents(position, node_graph, graphs)
    return LinkGraph(
        source=source,
        target=target,
        position=position,
        step=torch.stack([rows(axis, target) - rows(axis, source) for axis in position.unbind(1)]),
        gap=gap,
        time=time,
        frame=frame,
        size=sizes(data, extent, node_graph, graphs, logits.dtype),
        diagonal=diagonals(data, extent, node_graph, logits.dtype),
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
