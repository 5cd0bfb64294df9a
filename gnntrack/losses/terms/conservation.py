"""The conservation term: what flows in flows out, except where a track begins or ends."""

from __future__ import annotations

from torch import Tensor

from gnntrack.losses.graph import LinkGraph
from gnntrack.losses.terms.term import Reduction, Term
from gnntrack.scatter import rows, scatter_sum


def side_targets(label: Tensor, source: Tensor, target: Tensor, nodes: int) -> tuple[Tensor, Tensor]:
    """Flow that should leave and enter every node: 1 where a true link does, else 0: two of ``(N,)``.

    Where an identity goes on but its next detection is not among the candidates the target is 0: the right
    answer is then "no link", and asking for a unit of flow would demand a wrong one.
    """
    return scatter_sum(label, source, nodes).clamp(max=1), scatter_sum(label, target, nodes).clamp(max=1)


def conservation_term(graph: LinkGraph, flow: Tensor, *, per_side: bool = True) -> Tensor:
    """Squared violation of flow conservation, summed per graph; 0 where there is no ground truth.

    Args:
        graph: the window graph(s).
        flow: ``(E,)``.
        per_side: ``½(out − out*)² + ½(in − in*)²`` with the known flows of each side; else the paper's one condition a
            node, ``(out − in − b)²``, which a node inside a track also meets with no flow at all.

    Returns:
        ``(G,)``.

    Source:
        UniTrack, arXiv 2602.05037, conservation, as a penalty.

    Example:
        A true link without flow::

            0 -> 1

        >>> import torch
        >>> from types import SimpleNamespace as Window
        >>> from gnntrack.losses.graph import link_graph
        >>> window = Window(edge_index=torch.tensor([[0], [1]]), pos=torch.zeros(2, 2), time=torch.tensor([0.0, 0.1]),
        ...                 edge_label=torch.ones(1))
        >>> conservation_term(link_graph(torch.zeros(1), window), torch.zeros(1)).item()
        1.0
    """
    source, target, nodes = graph.source, graph.target, graph.nodes
    outflow, inflow = scatter_sum(flow, source, nodes), scatter_sum(flow, target, nodes)
    label, start, end = (rows(values, graph.true) for values in (graph.label, source, target))
    wanted_out, wanted_in = side_targets(label, start, end, nodes)
    if per_side:
        violation = 0.5 * ((outflow - wanted_out).square() + (inflow - wanted_in).square())
    else:
        violation = (outflow - inflow - (wanted_out - wanted_in)).square()
    return graph.sum_nodes(violation) * float(graph.labelled)


class ConservationTerm(Term):
    """What flows into a node flows out, except where a track begins or ends (:func:`conservation_term`).

    Args:
        weight: factor in the sum.
        per_side: inflow and outflow each have a target; else only their difference has (the paper), which is also 0
            where a track has no flow at all.
    """

    name = "conservation"

    def __init__(self, weight: float = 1.0, *, per_side: bool = True) -> None:
        super().__init__(weight)
        self.per_side = per_side

    def forward(self, graph: LinkGraph, flow: Tensor, strength: Tensor, reduction: Reduction = "mean") -> Tensor:
        """The term per graph, ``(G,)``; the mean is per node."""
        value = conservation_term(graph, flow, per_side=self.per_side)
        return value / graph.node_count if reduction == "mean" else value
