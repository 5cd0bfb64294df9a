"""`LinkGraph`: the tensors of a window graph that the loss needs, checked once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from gnntrack.errors import DataError
from gnntrack.losses.eager import eager
from gnntrack.losses.graph_checks import check_embeddings, check_fields, check_graphs, check_values
from gnntrack.losses.truth import labels
from gnntrack.losses.units import diagonals, extents, frames, graph_count, sizes, times
from gnntrack.precision import full_precision
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
        time: ``(N,)`` seconds since the first node of each graph.
        frame: ``(N,)`` frame numbers.
        size: ``(N,)`` unit of length of each node in pixels (box height); no gradient, or a model could shrink the
            loss by inflating its boxes.
        diagonal: ``(N,)`` diagonal of the image in pixels (the window's own extent where its size is unknown).
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
        identity: ``(N,)`` identity of each node, −1 for none, where it is given.
        annotated: ``(N,)`` bool, whose identity is known, where that is not all (sparse labels); see
            :class:`gnntrack.losses.PathTerm`.
        chain: ``(N,)`` smallest node of the chain of true links that a node is part of, where a term asks for it.
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
    identity: Tensor | None = None
    annotated: Tensor | None = None
    chain: Tensor | None = None

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


@eager
def candidate_graph(logits: Tensor, data: Any, embeddings: Tensor | None = None) -> tuple[Tensor, LinkGraph]:
    """Takes what the loss needs out of a window graph, checks it, and leaves out the links that are no candidates.

    A logit of −inf says that a link is no candidate: the loss is that of the graph without it. Half precision becomes
    float32. Differences of times and of places are taken before they are rounded to the type of the loss, so that
    times of day, or a far-off origin, do not matter.

    Args:
        logits: ``(E,)`` link logits; their type is the type of the loss.
        data: window graph with ``edge_index``, ``pos`` and ``time`` (or ``frame`` and ``frame_rate``), and, where they
            are known, ``box``, ``edge_label`` or ``identity``, ``spatial_edge_index``, ``batch``, ``width``,
            ``height``.
        embeddings: ``(N, D)`` of the nodes, if there are any: checked with the rest.

    Returns:
        The logits of the candidates, and the graph that has no other links.

    Raises:
        DataError: fields do not fit, a logit is neither finite nor −inf, or a link points backwards in time.

    Example:
        Of two links, one is masked::

            0 -> 1
             `--x 2

        >>> from types import SimpleNamespace as Window
        >>> window = Window(edge_index=torch.tensor([[0, 0], [1, 2]]), pos=torch.zeros(3, 2),
        ...                 time=torch.tensor([0.0, 0.1, 0.1]), edge_label=torch.tensor([1.0, 0.0]))
        >>> logits, graph = candidate_graph(torch.tensor([0.5, -torch.inf]), window)
        >>> logits.tolist(), graph.target.tolist()
        ([0.5], [1])
    """
    logits = full_precision(logits)
    check_fields(logits, data)
    check_embeddings(embeddings, logits, len(data.pos))
    nodes, device, dtype = len(data.pos), logits.device, logits.dtype
    batch = getattr(data, "batch", None)
    node_graph = torch.zeros(nodes, dtype=torch.int64, device=device) if batch is None else batch.long()
    graphs = graph_count(data, batch)
    check_graphs(batch, graphs)
    frame = frames(data)
    time = times(data, frame, node_graph, graphs)
    edges: Tensor = data.edge_index
    spatial = getattr(data, "spatial_edge_index", None)
    spatial = edges.new_zeros((2, 0)) if spatial is None else spatial
    gap = rows(time, edges[1]) - rows(time, edges[0])
    check_values(logits, data, spatial, frame, time, gap, node_graph)
    label, labelled = labels(data, logits, frame, node_graph)
    masked = logits.detach() == -torch.inf
    if bool(masked.any()):
        kept = (~masked).nonzero().squeeze(1)
        edges, logits, label, gap = edges[:, kept], rows(logits, kept), rows(label, kept), rows(gap, kept)
    source, target = edges[0], edges[1]
    place = data.pos.to(torch.promote_types(data.pos.dtype, dtype))
    position = place.to(dtype)
    link_of = rows(node_graph, source)
    true = label.nonzero().squeeze(1)
    node_count = torch.bincount(node_graph, minlength=graphs).to(dtype).clamp(min=1)
    true_count = scatter_sum(rows(label, true), rows(link_of, true), graphs).clamp(min=1)
    extent = extents(place, node_graph, graphs).to(dtype)
    return logits, LinkGraph(
        source=source,
        target=target,
        position=position,
        step=torch.stack([rows(axis, target) - rows(axis, source) for axis in place.unbind(1)]).to(dtype),
        gap=gap.to(dtype),
        time=time.to(dtype),
        frame=frame,
        size=sizes(data, extent, node_graph, graphs, dtype),
        diagonal=diagonals(data, extent, node_graph, graphs, dtype),
        label=label,
        labelled=labelled,
        true=true,
        spatial=spatial,
        node_graph=node_graph,
        link_graph=link_of,
        graphs=graphs,
        node_count=node_count,
        link_count=torch.bincount(link_of, minlength=graphs).to(dtype),
        true_count=true_count if labelled else node_count,
        identity=getattr(data, "identity", None),
        annotated=_annotated(data),
    )


def _annotated(data: Any) -> Tensor | None:
    """The field ``annotated``, unless it says that all are."""
    annotated: Tensor | None = getattr(data, "annotated", None)
    return None if annotated is None or bool(annotated.all()) else annotated


def check_all_annotated(graph: LinkGraph, what: str) -> None:
    """Raises where a loss that needs the truth about every link meets sparse labels.

    Raises:
        DataError: see above.
    """
    if graph.annotated is not None:
        missing = int((~graph.annotated).sum())
        raise DataError(
            f"{missing} of {graph.nodes} nodes are not annotated, and {what} needs the truth about all",
            remedy="train on sparse labels with the term path alone (losses/path.yaml)",
        )


def link_graph(logits: Tensor, data: Any) -> LinkGraph:
    """The graph of :func:`candidate_graph`, for logits of which none is masked.

    Raises:
        DataError: see there; or a logit is −inf, so that the graph has fewer links than there are logits.
    """
    candidates, graph = candidate_graph(logits, data)
    if len(candidates) != len(logits):
        masked = len(logits) - len(candidates)
        raise DataError(f"{masked} of {len(logits)} logits are masked (-inf)", remedy="use candidate_graph")
    return graph
