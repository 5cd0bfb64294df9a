"""How many links are wrong: the counts in the flow term's exponent."""

from __future__ import annotations

from typing import Literal, NamedTuple

from torch import Tensor

from gnntrack.losses.graph import LinkGraph
from gnntrack.scatter import rows

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


def count_links(graph: LinkGraph, flow: Tensor, counts: Counting = "hard") -> Counts:
    """Counts wrong and missing links of each graph.

    Args:
        graph: the window graph(s).
        flow: ``(E,)``.
        counts: ``"hard"`` counts flows above 0.5, constant in the backward pass (the paper); ``"soft"`` adds up the
            flows themselves, which equals the hard counts when every flow is 0 or 1 and has a gradient everywhere.

    Example:
        Two true links, one of them with hardly any flow, and a wrong one::

            0 ==> 1 --> 2
             `----------^

        >>> import torch
        >>> from types import SimpleNamespace as Window
        >>> from gnntrack.losses.graph import link_graph
        >>> window = Window(edge_index=torch.tensor([[0, 1, 0], [1, 2, 2]]), pos=torch.zeros(3, 2),
        ...                 time=torch.tensor([0.0, 0.1, 0.2]), edge_label=torch.tensor([1.0, 1.0, 0.0]))
        >>> flow = torch.tensor([0.9, 0.2, 0.6])
        >>> graph = link_graph(flow, window)
        >>> [count.item() for count in count_links(graph, flow)]
        [1.0, 1.0, 2.0, 2.0]
        >>> round(count_links(graph, flow, "soft").false_negatives.item(), 2)
        0.9
    """
    if counts == "hard":
        flow = (flow.detach() > PREDICTED).to(flow.dtype)
    wrong = graph.sum_links(flow * (1 - graph.label))
    kept, label = rows(flow, graph.true), rows(graph.label, graph.true)
    found, missed = graph.sum_true(kept * label), graph.sum_true((1 - kept) * label)
    return Counts(wrong, missed, wrong + found, graph.sum_true(label))
