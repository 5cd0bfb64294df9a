"""What the terms of the preset ``"log"`` share: probabilities of each side in logs, and rivals of the true choice.

A term that is bounded in the flow f has a gradient that carries f · (1 − f): it goes quiet where a model is sure, and
so where it is surely wrong. A term in logs does not: the further behind the true choice is, the harder it is pulled.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from gnntrack.losses.graph import LinkGraph
from gnntrack.losses.links.soft_assignment import SideSums
from gnntrack.losses.terms.term import Reduction, Term
from gnntrack.scatter import rows, scatter_logsumexp, scatter_sum

#: Stands for the logit of what is no choice: finite, so that sums of nothing else have a gradient of 0, not NaN.
NO_CHOICE = -1e9


class Side(NamedTuple):
    """One side of all nodes: the links out of them, or the links into them.

    Attributes:
        end: ``(E,)`` the node of every link on this side.
        options: ``(N,)`` ``log(1 + Σ e^s)`` over the links of a node on this side.
        linked: ``(N,)`` whether one of them is true.
        true_logit: ``(N,)`` logit of the true choice: that of the true link, or 0 of "no link".
        present: ``(N,)`` whether there is a candidate at all.
    """

    end: Tensor
    options: Tensor
    linked: Tensor
    true_logit: Tensor
    present: Tensor


def sides(graph: LinkGraph, logits: Tensor, sums: SideSums) -> tuple[Side, Side]:
    """The side of the future (links out) and the side of the past (links in)."""
    return _side(graph, logits, graph.source, sums.out), _side(graph, logits, graph.target, sums.into)


def _side(graph: LinkGraph, logits: Tensor, end: Tensor, options: Tensor) -> Side:
    true_end = rows(end, graph.true)
    linked = scatter_sum(rows(graph.label, graph.true), true_end, graph.nodes) > 0
    true_logit = scatter_sum(rows(logits, graph.true), true_end, graph.nodes)
    present = scatter_sum(torch.ones_like(logits), end, graph.nodes) > 0
    return Side(end, options, linked, true_logit, present)


def rival_loss(side: Side, logits: Tensor, label: Tensor, cost: Tensor, null_cost: float) -> Tensor:
    """``log(1 + E / p*)``: the expected cost E of the rivals against the probability p* of the true choice: ``(N,)``.

    ``E = Σ_rivals p · cost``, and "no link" is a rival of a true link. With all costs 1 this is ``−log p*``. A rival
    that costs little weighs little while it is behind; one that is well ahead is pushed back with full force whatever
    it costs: the slope in the true logit is ``−E / (E + p*)``.

    Args:
        side: see :class:`Side`.
        logits: ``(E,)``.
        label: ``(E,)`` 1.0 on true links.
        cost: ``(E,)`` above 0.
        null_cost: cost of "no link" where a true link is.

    Returns:
        ``(N,)``; 0 where a node has no candidates on this side.
    """
    priced = torch.where(label > 0, NO_CHOICE, logits + cost.log())
    rivals = scatter_logsumexp(priced, side.end, len(side.linked))
    rivals = torch.where(side.present, rivals, NO_CHOICE)
    null = torch.where(side.linked, rivals.new_tensor(null_cost).log(), NO_CHOICE)
    return torch.nn.functional.softplus(torch.logaddexp(rivals, null) - side.true_logit) * side.present


class LogTerm(Term):
    """A term of the logits themselves: their logs are taken before they are rounded to flows of 0 and 1.

    Derive from it and implement :meth:`per_node`.
    """

    def per_node(self, graph: LinkGraph, logits: Tensor, sums: SideSums) -> Tensor:
        """The cost of every node, both sides together.

        Args:
            graph: the window graph(s), with ground truth.
            logits: ``(E,)``; the log of the association strength is part of them.
            sums: :func:`~gnntrack.losses.links.soft_assignment.side_sums` of these.

        Returns:
            ``(N,)``.
        """
        raise NotImplementedError

    def of_logits(self, graph: LinkGraph, logits: Tensor, sums: SideSums, reduction: Reduction = "mean") -> Tensor:
        """The term per graph, ``(G,)``; the mean is per true link; 0 without ground truth."""
        if not graph.labelled:
            return graph.sum_links(logits * 0)
        value = graph.sum_nodes(self.per_node(graph, logits, sums))
        return value / graph.true_count if reduction == "mean" else value
