"""Losses of single links: what a tracker trains with without UniTrack, and what UniTrack is added to."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from gnntrack.losses.graph import LinkGraph, candidate_graph, check_all_annotated
from gnntrack.losses.links.soft_assignment import SideSums, side_sums
from gnntrack.losses.output import LossOutput, as_floats
from gnntrack.precision import full_precision
from gnntrack.scatter import scatter_sum


def softmax_link_loss(
    logits: Tensor,
    label: Tensor,
    source: Tensor,
    target: Tensor,
    node_graph: Tensor,
    graphs: int,
    sums: SideSums | None = None,
) -> Tensor:
    """Cross entropy of every node's choice among its links and "no link", on both sides; mean per graph.

    Each node that has candidates chooses its successor among its outgoing links or none of them (a logit of 0), and
    likewise its predecessor. Births, deaths and false positives are the choice "none", so no threshold is trained.

    Args:
        logits: ``(E,)``.
        label: ``(E,)`` 1.0 on true links, at most one per node and side.
        source: ``(E,)``.
        target: ``(E,)``.
        node_graph: ``(N,)`` graph of each node.
        graphs: G.
        sums: :func:`~gnntrack.losses.links.soft_assignment.side_sums` of the same logits, if they are at hand.

    Returns:
        ``(G,)``.

    Example:
        A node with two candidates, all three options equally likely: cross entropy log 3. Each end has two options::

            0 -> 1 (true)
            0 -> 2

        >>> edge, graph = (torch.tensor([0, 0]), torch.tensor([1, 2])), torch.zeros(3, dtype=torch.int64)
        >>> value = softmax_link_loss(torch.zeros(2), torch.tensor([1.0, 0.0]), *edge, graph, 1)
        >>> round(value.item(), 3), round((torch.tensor([3.0, 2.0, 2.0]).log().mean()).item(), 3)
        (0.828, 0.828)
    """
    logits = full_precision(logits)
    label = label.to(logits.dtype)
    nodes = len(node_graph)
    total = logits.new_zeros(graphs)
    choices = logits.new_zeros(graphs)
    for side, options in zip((source, target), sums or side_sums(logits, source, target, nodes), strict=True):
        present = scatter_sum(torch.ones_like(label), side, nodes).clamp(max=1)
        chosen = scatter_sum(label * logits, side, nodes)
        total = total + scatter_sum((options - chosen) * present, node_graph, graphs)
        choices = choices + scatter_sum(present, node_graph, graphs)
    return total / choices.clamp(min=1)


def count_choices(source: Tensor, target: Tensor) -> int:
    """Of how many choices :func:`softmax_link_loss` is the mean: nodes with candidates, on both sides.

    Example:
        >>> count_choices(torch.tensor([0, 0]), torch.tensor([1, 2]))
        3
    """
    return sum(int((torch.bincount(side) > 0).sum()) for side in (source, target))


def bce_link_loss(
    logits: Tensor, label: Tensor, link_graph: Tensor, graphs: int, *, positive_weight: float = 1.0
) -> Tensor:
    """Binary cross entropy of every link, mean per graph: ``(G,)``.

    Args:
        logits: ``(E,)``.
        label: ``(E,)``.
        link_graph: ``(E,)`` graph of each link.
        graphs: G.
        positive_weight: weight of true links; with ten candidates a node, one link in ten is true.

    Example:
        >>> value = bce_link_loss(torch.zeros(2), torch.tensor([1.0, 0.0]), torch.tensor([0, 0]), 1)
        >>> round(value.item(), 4)
        0.6931
    """
    logits = full_precision(logits)
    weight, label = logits.new_tensor(positive_weight), label.to(logits.dtype)
    loss = functional.binary_cross_entropy_with_logits(logits, label, pos_weight=weight, reduction="none")
    return scatter_sum(loss, link_graph, graphs) / _links(label, link_graph, graphs)


def focal_link_loss(
    logits: Tensor, label: Tensor, link_graph: Tensor, graphs: int, *, gamma: float = 2.0, alpha: float = 0.25
) -> Tensor:
    """Focal loss (Lin et al., ICCV 2017) of every link, per true link as in the paper: ``(G,)``.

    Args:
        logits: ``(E,)``.
        label: ``(E,)``.
        link_graph: ``(E,)`` graph of each link.
        graphs: G.
        gamma: how fast easy links lose weight.
        alpha: weight of true links; ``1 − alpha`` of the others.

    Example:
        >>> value = focal_link_loss(torch.tensor([0.0]), torch.ones(1), torch.tensor([0]), 1)
        >>> round(value.item(), 4)  # 0.25 · 0.5² · log 2
        0.0433
    """
    logits = full_precision(logits)
    label = label.to(logits.dtype)
    entropy = functional.binary_cross_entropy_with_logits(logits, label, reduction="none")
    wrong = torch.where(label > 0.5, torch.sigmoid(-logits), torch.sigmoid(logits))
    balance = alpha * label + (1 - alpha) * (1 - label)
    loss = scatter_sum(balance * wrong.pow(gamma) * entropy, link_graph, graphs)
    return loss / scatter_sum(label, link_graph, graphs).clamp(min=1)


def _links(label: Tensor, link_graph: Tensor, graphs: int) -> Tensor:
    return scatter_sum(torch.ones_like(label), link_graph, graphs).clamp(min=1)


class LinkLoss(nn.Module):
    """Base of the plain link losses: the mean over the graphs of a batch; 0 where there is no ground truth.

    Args:
        weight: factor of the loss.
    """

    def __init__(self, weight: float = 1.0) -> None:
        super().__init__()
        self.weight = weight

    def forward(self, logits: Tensor, data: Any, **extras: Any) -> LossOutput:
        """The loss of ``(E,)`` logits on a window graph; ``extras`` are for other losses.

        Raises:
            DataError: see :func:`gnntrack.losses.graph.candidate_graph`.
        """
        logits, graph = candidate_graph(logits, data)
        return self.evaluate(logits, graph)

    def evaluate(self, logits: Tensor, graph: LinkGraph, *, sums: SideSums | None = None, **extras: Any) -> LossOutput:
        """The loss on a graph that is checked already; ``sums`` of the logits save time where they are at hand."""
        check_all_annotated(graph, type(self).__name__)
        value = self.per_graph(logits, graph, sums) if graph.labelled else graph.sum_links(logits * 0)
        return LossOutput(self.weight * value.mean(), as_floats({"link": value}))

    def per_graph(self, logits: Tensor, graph: LinkGraph, sums: SideSums | None = None) -> Tensor:
        """The loss of each graph, ``(G,)``."""
        raise NotImplementedError

    def count(self, graph: LinkGraph) -> int:
        """Of how many things the loss of a single graph is a mean: links, unless a loss says otherwise."""
        return len(graph.source)


class SoftmaxLinkLoss(LinkLoss):
    """Cross entropy of every node's choice among its links and "no link" (:func:`softmax_link_loss`).

    Example:
        >>> from types import SimpleNamespace as Graph
        >>> graph = Graph(edge_index=torch.tensor([[0], [1]]), pos=torch.zeros(2, 2), time=torch.tensor([0.0, 0.1]),
        ...               edge_label=torch.ones(1))
        >>> round(SoftmaxLinkLoss()(torch.zeros(1), graph).total.item(), 4)
        0.6931
    """

    def per_graph(self, logits: Tensor, graph: LinkGraph, sums: SideSums | None = None) -> Tensor:
        """The loss of each graph, ``(G,)``."""
        return softmax_link_loss(logits, graph.label, graph.source, graph.target, graph.node_graph, graph.graphs, sums)

    def count(self, graph: LinkGraph) -> int:
        """How often a node chooses."""
        return count_choices(graph.source, graph.target)


class BceLinkLoss(LinkLoss):
    """Binary cross entropy of every link (:func:`bce_link_loss`).

    Args:
        weight: factor of the loss.
        positive_weight: weight of true links.
    """

    def __init__(self, weight: float = 1.0, positive_weight: float = 1.0) -> None:
        super().__init__(weight)
        self.positive_weight = positive_weight

    def per_graph(self, logits: Tensor, graph: LinkGraph, sums: SideSums | None = None) -> Tensor:
        """The loss of each graph, ``(G,)``."""
        return bce_link_loss(logits, graph.label, graph.link_graph, graph.graphs, positive_weight=self.positive_weight)


class FocalLinkLoss(LinkLoss):
    """Focal loss of every link: easy links weigh less (:func:`focal_link_loss`).

    Args:
        weight: factor of the loss.
        gamma: how fast easy links lose weight.
        alpha: weight of true links.
    """

    def __init__(self, weight: float = 1.0, gamma: float = 2.0, alpha: float = 0.25) -> None:
        super().__init__(weight)
        self.gamma, self.alpha = gamma, alpha

    def per_graph(self, logits: Tensor, graph: LinkGraph, sums: SideSums | None = None) -> Tensor:
        """The loss of each graph, ``(G,)``."""
        return focal_link_loss(logits, graph.label, graph.link_graph, graph.graphs, gamma=self.gamma, alpha=self.alpha)

    def count(self, graph: LinkGraph) -> int:
        """True links."""
        return len(graph.true)
