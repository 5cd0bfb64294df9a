"""The path term: cross entropy of whole tracks instead of single links."""

from __future__ import annotations

import torch
from torch import Tensor

from gnntrack.losses.chains import chain_of
from gnntrack.losses.eager import eager
from gnntrack.losses.graph import LinkGraph
from gnntrack.losses.links.paths import path_cross_entropy
from gnntrack.losses.links.soft_assignment import SideSums, log_softmax_flows
from gnntrack.losses.terms.log_term import LogTerm
from gnntrack.losses.terms.term import Reduction
from gnntrack.scatter import rows


class PathTerm(LogTerm):
    """:func:`~gnntrack.losses.links.paths.path_cross_entropy` of the flows: do two detections end on one track?

    An option of the preset ``"log"``, of weight 0 there. It is the one term that learns from sparse labels: where the
    window graph has ``annotated``, which says of each node whether its identity is known (−1: known to be none), pairs
    of known nodes count, and the paths between them lead over the others. Where there are labels of links alone, an
    identity is a chain of true links.

    Args:
        weight: factor in the sum.

    Source:
        The flow of UniTrack (arXiv 2602.05037) over whole paths, ``R = (I − F)⁻¹ − I``.
    """

    name = "path"

    @eager
    def of_logits(self, graph: LinkGraph, logits: Tensor, sums: SideSums, reduction: Reduction = "mean") -> Tensor:
        """The term per graph, ``(G,)``; the mean is per pair of detections on one track."""
        if not graph.labelled:
            return graph.sum_links(logits * 0)
        # float64: where float32 rounds 1 − R to 0, the slope of log(1 − R) would be without bounds
        flow = log_softmax_flows(logits.double(), graph.source, graph.target, graph.nodes)
        identity = _identity(graph)
        values = []
        for number in range(graph.graphs):
            inside = graph.link_graph == number
            nodes = (graph.node_graph == number).nonzero().squeeze(1)
            place = torch.empty_like(graph.node_graph)
            place[nodes] = torch.arange(len(nodes), device=nodes.device)
            source, target = (rows(place, end[inside]) for end in (graph.source, graph.target))
            frame, own = rows(graph.frame, nodes), rows(identity, nodes)
            known = None if graph.annotated is None else rows(graph.annotated, nodes)
            values.append(path_cross_entropy(flow[inside], source, target, frame, own, known))
        value = torch.stack(values).to(logits.dtype)
        return value if reduction == "mean" else value * graph.true_count


def _identity(graph: LinkGraph) -> Tensor:
    """``(N,)``; each node without identity gets a unique negative number."""
    if graph.identity is None:
        return chain_of(graph)
    no_identity = -1 - torch.arange(graph.nodes, device=graph.source.device)
    return torch.where(graph.identity >= 0, graph.identity, no_identity)
