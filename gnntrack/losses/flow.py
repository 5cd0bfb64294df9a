"""The flow term: rewards flow along true links, less where links are wrong or missing."""

from __future__ import annotations

import torch
from torch import Tensor

from gnntrack.losses.counts import Counting, count_links
from gnntrack.losses.graph import LinkGraph
from gnntrack.losses.term import Reduction, Term
from gnntrack.scatter import rows, scatter_sum


def flow_term(
    flow: Tensor,
    strength: Tensor,
    label: Tensor,
    link_graph: Tensor,
    graphs: int,
    *,
    alpha: float = 0.9,
    counts: Counting = "soft",
    literal: bool = False,
    true: Tensor | None = None,
) -> Tensor:
    """UniTrack's flow term, summed per graph.

    Literal (the paper): ``− Σ w f · exp(−α·FP/P − α·FN/GT)`` over all candidate links, which rewards *any* link.
    Otherwise, where the truth is known: ``Σ_true (1 − w f · exp(−α·FP/P − α·FN/GT))``. Only true links are rewarded,
    and a perfect prediction has the value 0 instead of minus the number of links.

    Args:
        flow: ``(E,)``.
        strength: ``(E,)`` the paper's w.
        label: ``(E,)`` 1.0 on true links.
        link_graph: ``(E,)`` graph of each link.
        graphs: G.
        alpha: how much wrong and missing links take from the reward; 0.9 in the paper.
        counts: ``"hard"`` is constant in the backward pass, ``"soft"`` has a gradient (see
            :func:`gnntrack.losses.counts.count_links`).
        literal: reward all links, as the equation is printed.
        true: indices of the true links, if they are at hand; saves time.

    Returns:
        ``(G,)``.

    Source:
        UniTrack, arXiv 2602.05037, flow term.

    Example:
        One true link (0-1) and one wrong one, both without flow, then the true one with all::

            0 ==> 1
             `--> 2

        >>> label, graph = torch.tensor([1.0, 0.0]), torch.tensor([0, 0])
        >>> flow_term(torch.tensor([0.0, 0.0]), torch.ones(2), label, graph, 1).item()
        1.0
        >>> flow_term(torch.tensor([1.0, 0.0]), torch.ones(2), label, graph, 1).item()
        0.0
    """
    factor = torch.exp(-alpha * count_links(flow, label, link_graph, graphs, counts, true).error())
    if true is not None and not literal:
        flow, strength, label, link_graph = (rows(values, true) for values in (flow, strength, label, link_graph))
    reward = strength * flow * rows(factor, link_graph)
    value = -reward if literal else label * (1 - reward)
    return scatter_sum(value, link_graph, graphs)


class FlowTerm(Term):
    """:func:`flow_term` as an object.

    Args:
        weight: factor in the sum.
        alpha: see :func:`flow_term`.
        counts: ``"soft"`` or ``"hard"``.
        literal: the paper's printed form.
    """

    name = "flow"

    def __init__(
        self, weight: float = 1.0, *, alpha: float = 0.9, counts: Counting = "soft", literal: bool = False
    ) -> None:
        super().__init__(weight)
        self.alpha, self.literal = alpha, literal
        self.counts: Counting = counts

    def forward(self, graph: LinkGraph, flow: Tensor, strength: Tensor, reduction: Reduction = "mean") -> Tensor:
        """The term per graph, ``(G,)``; the mean is per true link."""
        value = flow_term(
            flow,
            strength,
            graph.label,
            graph.link_graph,
            graph.graphs,
            alpha=self.alpha,
            counts=self.counts,
            literal=self.literal,
            true=graph.true,
        )
        return value / graph.true_count if reduction == "mean" else value
