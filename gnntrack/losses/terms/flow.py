"""The flow term: rewards flow along true links, less where links are wrong or missing."""

from __future__ import annotations

import torch
from torch import Tensor

from gnntrack.losses.graph import LinkGraph
from gnntrack.losses.terms.counts import Counting, count_links
from gnntrack.losses.terms.term import Reduction, Term
from gnntrack.scatter import rows


def flow_term(
    graph: LinkGraph,
    flow: Tensor,
    strength: Tensor,
    *,
    alpha: float = 0.9,
    counts: Counting = "soft",
    literal: bool = False,
) -> Tensor:
    """UniTrack's flow term, summed per graph.

    Literal (the paper): ``− Σ w f · exp(−α·FP/P − α·FN/GT)`` over all candidate links, which rewards *any* link.
    Otherwise, where the truth is known: ``Σ_true (1 − w f · exp(−α·FP/P − α·FN/GT))``. Only true links are rewarded,
    and a perfect prediction has the value 0 instead of minus the number of links.

    Args:
        graph: the window graph(s).
        flow: ``(E,)``.
        strength: ``(E,)`` the paper's w.
        alpha: how much wrong and missing links take from the reward; 0.9 in the paper.
        counts: ``"hard"`` is constant in the backward pass, ``"soft"`` has a gradient (see
            :func:`gnntrack.losses.terms.counts.count_links`).
        literal: reward all links, as the equation is printed.

    Returns:
        ``(G,)``.

    Source:
        UniTrack, arXiv 2602.05037, flow term.

    Example:
        One true link (0-1) and one wrong one, both without flow, then the true one with all::

            0 ==> 1
             `--> 2

        >>> from types import SimpleNamespace as Window
        >>> from gnntrack.losses.graph import link_graph
        >>> window = Window(edge_index=torch.tensor([[0, 0], [1, 2]]), pos=torch.zeros(3, 2),
        ...                 time=torch.tensor([0.0, 0.1, 0.1]), edge_label=torch.tensor([1.0, 0.0]))
        >>> graph = link_graph(torch.zeros(2), window)
        >>> flow_term(graph, torch.tensor([0.0, 0.0]), torch.ones(2)).item()
        1.0
        >>> flow_term(graph, torch.tensor([1.0, 0.0]), torch.ones(2)).item()
        0.0
    """
    factor = torch.exp(-alpha * count_links(graph, flow, counts).error())
    if literal:
        return -factor * graph.sum_links(strength * flow)
    true = graph.true
    reward = rows(strength, true) * rows(flow, true) * rows(factor, rows(graph.link_graph, true))
    return graph.sum_true(rows(graph.label, true) * (1 - reward))


class FlowTerm(Term):
    """Rewards flow along true links, less where links are wrong or missing (:func:`flow_term`).

    Args:
        weight: factor in the sum.
        alpha: how much wrong and missing links take from the reward; 0.9 in the paper.
        counts: of these links: ``"soft"`` has a gradient, ``"hard"`` is constant in the backward pass.
        literal: the equation as printed, which rewards all links.
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
        value = flow_term(graph, flow, strength, alpha=self.alpha, counts=self.counts, literal=self.literal)
        return value / graph.true_count if reduction == "mean" else value
