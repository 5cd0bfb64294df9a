"""The flow term in logs: negative log flow of the true links."""

from __future__ import annotations

from torch import Tensor

from gnntrack.losses.graph import LinkGraph
from gnntrack.losses.links.soft_assignment import SideSums, log_softmax_flows
from gnntrack.losses.terms.log_term import LogTerm, sides
from gnntrack.scatter import rows, scatter_sum


class LogFlowTerm(LogTerm):
    """``−Σ log f`` over the true links, and ``−log`` of "no link" where a track begins or ends.

    f is the flow of :func:`~gnntrack.losses.links.soft_assignment.softmax_flows`; its log is
    ``s − log(1 + S_out + S_in − e^s)``. The paper's reward ``−Σ w f · exp(…)`` is bounded, so a sure swap leaves it a
    slope of almost nothing; here the slope in the logit of a true link tends to −1.

    Args:
        weight: factor in the sum.

    Source:
        UniTrack, arXiv 2602.05037, flow term, in logs instead of plain flows.

    Example:
        The true link (0-1) is 8 behind its rival; its negative log flow is 8, with gradient 1::

            0 --> 1
             `==> 2

        >>> import torch
        >>> from types import SimpleNamespace as Window
        >>> from gnntrack.losses import UniTrackLoss
        >>> window = Window(edge_index=torch.tensor([[0, 0], [1, 2]]), pos=torch.zeros(3, 2),
        ...                 time=torch.tensor([0.0, 0.1, 0.1]), edge_label=torch.tensor([1.0, 0.0]))
        >>> logits = torch.tensor([-4.0, 4.0], requires_grad=True)
        >>> loss = UniTrackLoss([LogFlowTerm()], log_normalise=False)(logits, window).total
        >>> loss.backward()
        >>> round(logits.grad[0].item(), 2)
        -1.0
    """

    name = "flow"

    def per_node(self, graph: LinkGraph, logits: Tensor, sums: SideSums) -> Tensor:
        """``(N,)``: half of the negative log flow of a true link at each of its ends."""
        true, nodes = graph.true, graph.nodes
        link_loss = -rows(log_softmax_flows(logits, graph.source, graph.target, nodes, sums), true)
        cost = logits.new_zeros(nodes)
        for side in sides(graph, logits, sums):
            cost = cost + 0.5 * scatter_sum(link_loss, rows(side.end, true), nodes)
            cost = cost + side.options * (side.present & ~side.linked)
        return cost
