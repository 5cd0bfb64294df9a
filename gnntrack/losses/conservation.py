"""The conservation term: what flows in flows out, except where a track begins or ends."""

from __future__ import annotations

from torch import Tensor

from gnntrack.losses.graph import LinkGraph
from gnntrack.losses.term import Reduction, Term
from gnntrack.scatter import rows, scatter_sum


def side_targets(label: Tensor, source: Tensor, target: Tensor, nodes: int) -> tuple[Tensor, Tensor]:
    """Flow that should leave and enter every node: 1 where a true link does, else 0: two of ``(N,)``.

    Where an identity goes on but its next detection is not among the candidates the target is 0: the right
    answer is then "no link", and asking for a unit of flow would demand a wrong one.
    """
    return scatter_sum(label, source, nodes).clamp(max=1), scatter_sum(label, target, nodes).clamp(max=1)


def balances(label: Tensor, source: Tensor, target: Tensor, nodes: int) -> Tensor:
    """The paper's b of every node, outflow minus inflow: 1 at a birth, −1 at an end, 0 in between and alone.

    Example:
        A track of three and a lone detection::

            0 -> 1 -> 2     3

        >>> import torch
        >>> balances(torch.ones(2), torch.tensor([0, 1]), torch.tensor([1, 2]), 4).tolist()
        [1.0, 0.0, -1.0, 0.0]
    """
    out, into = side_targets(label, source, target, nodes)
    return out - into


def conservation_term(
    flow: Tensor,
    label: Tensor,
    source: Tensor,
    target: Tensor,
    node_graph: Tensor,
    graphs: int,
    *,
    per_side: bool = True,
    true: Tensor | None = None,
) -> Tensor:
    """Squared violation of flow conservation, summed per graph.

    Args:
        flow: ``(E,)``.
        label: ``(E,)`` 1.0 on true links.
        source: ``(E,)``.
        target: ``(E,)``.
        node_graph: ``(N,)`` graph of each node.
        graphs: G.
        per_side: ``½(out − out*)² + ½(in − in*)²`` with the known flows of each side; else the paper's one condition a
            node, ``(out − in − b)²``, which a node inside a track also meets with no flow at all.
        true: indices of the true links, if they are at hand; saves two sums over all links.

    Returns:
        ``(G,)``.

    Source:
        UniTrack, arXiv 2602.05037, conservation, as a penalty.

    Example:
        >>> import torch
        >>> edge = torch.tensor([0]), torch.tensor([1])
        >>> conservation_term(torch.tensor([0.0]), torch.ones(1), *edge, torch.tensor([0, 0]), 1).item()
        1.0
    """
    nodes = len(node_graph)
    outflow, inflow = scatter_sum(flow, source, nodes), scatter_sum(flow, target, nodes)
    if true is not None:
        label, source, target = rows(label, true), rows(source, true), rows(target, true)
    wanted_out, wanted_in = side_targets(label, source, target, nodes)
    if per_side:
        violation = 0.5 * ((outflow - wanted_out).square() + (inflow - wanted_in).square())
    else:
        violation = (outflow - inflow - (wanted_out - wanted_in)).square()
    return scatter_sum(violation, node_graph, graphs)


class ConservationTerm(Term):
    """:func:`conservation_term` as an object; 0 where there is no ground truth.

    Args:
        weight: factor in the sum.
        per_side: see :func:`conservation_term`.
    """

    name = "conservation"

    def __init__(self, weight: float = 1.0, *, per_side: bool = True) -> None:
        super().__init__(weight)
        self.per_side = per_side

    def forward(self, graph: LinkGraph, flow: Tensor, strength: Tensor, reduction: Reduction = "mean") -> Tensor:
        """The term per graph, ``(G,)``; the mean is per node."""
        value = conservation_term(
            flow,
            graph.label,
            graph.source,
            graph.target,
            graph.node_graph,
            graph.graphs,
            per_side=self.per_side,
            true=graph.true,
        )
        value = value * float(graph.labelled)
        return value / graph.node_count if reduction == "mean" else value
