"""How many links are wrong: the counts in the flow term's exponent."""

from __future__ import annotations

from typing import Literal, NamedTuple

from torch import Tensor

from gnntrack.scatter import rows, scatter_sum

Counting = Literal["hard", "soft"]
#: A link is predicted when its flow exceeds this. As the flows of a node sum to at most 1, one link a side can.
PREDICTED = 0.5


class Counts(NamedTuple):
    """Per graph, each ``(G,)``: false positives, false negatives, predicted links, true links."""

    false_positives: Tensor
    false_negatives: Tensor
    predicted: Tensor
    true: Tensor

    def error(self) -> Tensor:
        """FP/P + FN/GT, in [0, 2]; a count below 1 divides as 1, so that nothing predicted is no division by zero."""
        return self.false_positives / self.predicted.clamp(min=1) + self.false_negatives / self.true.clamp(min=1)


def count_links(
    flow: Tensor,
    label: Tensor,
    link_graph: Tensor,
    graphs: int,
    counts: Counting = "hard",
    true: Tensor | None = None,
) -> Counts:
    """Counts wrong and missing links of each graph.

    Args:
        flow: ``(E,)``.
        label: ``(E,)`` 1.0 on true links.
        link_graph: ``(E,)`` graph of each link.
        graphs: G.
        counts: ``"hard"`` counts flows above 0.5, constant in the backward pass (the paper); ``"soft"`` adds up the
            flows themselves, which equals the hard counts when every flow is 0 or 1 and has a gradient everywhere.

        true: indices of the true links, if they are at hand; saves three sums over all links.

    Example:
        >>> import torch
        >>> flow, label = torch.tensor([0.9, 0.2, 0.6]), torch.tensor([1.0, 1.0, 0.0])
        >>> graph = torch.zeros(3, dtype=torch.int64)
        >>> [count.item() for count in count_links(flow, label, graph, 1)]
        [1.0, 1.0, 2.0, 2.0]
        >>> round(count_links(flow, label, graph, 1, "soft").false_negatives.item(), 2)
        0.9
    """
    if counts == "hard":
        flow = (flow.detach() > PREDICTED).to(flow.dtype)
    wrong = scatter_sum(flow * (1 - label), link_graph, graphs)
    if true is not None:
        flow, label, link_graph = rows(flow, true), rows(label, true), rows(link_graph, true)
    found = scatter_sum(flow * label, link_graph, graphs)
    missed = scatter_sum((1 - flow) * label, link_graph, graphs)
    return Counts(wrong, missed, wrong + found, scatter_sum(label, link_graph, graphs))
