"""The conservation term in logs: every identity's own flow goes on."""

from __future__ import annotations

import torch
from torch import Tensor

from gnntrack.losses.chains import chain_of
from gnntrack.losses.graph import LinkGraph
from gnntrack.losses.links.soft_assignment import SideSums, log_softmax_flows
from gnntrack.losses.terms.log_term import NO_CHOICE, LogTerm, sides
from gnntrack.scatter import rows, scatter_logsumexp


class IdentityConservationTerm(LogTerm):
    """Flow is conserved for each identity: what leaves a detection goes to detections of the same identity.

    ``−log Σ f`` over the links of a node to its own identity, on both sides; where its track begins or ends,
    ``−log Σ p`` over those and "no link". A swap of A and B keeps the flow of all identities together in balance (the
    paper's condition is met exactly), but takes A's flow from A and B's from B: all four ends of the two links are
    charged.

    An identity is a chain of true links. A link that skips a detection of its own identity conserves it at the ends of
    the link, but the skipped detection then lacks its inflow and its outflow: the balance of all of them is met by the
    chain alone.

    Args:
        weight: factor in the sum.

    Source:
        UniTrack, arXiv 2602.05037, conservation, by identity and in logs.

    Example:
        A sure swap. The plain balance is met, each identity's is not::

            0 --. .--> 2      identities 0 and 1; 2 goes on from 0, 3 from 1
            1 --' `--> 3

        >>> from types import SimpleNamespace as Window
        >>> from gnntrack.losses import ConservationTerm, UniTrackLoss
        >>> window = Window(edge_index=torch.tensor([[0, 0, 1, 1], [2, 3, 2, 3]]), pos=torch.zeros(4, 2),
        ...                 identity=torch.tensor([0, 1, 0, 1]), frame=torch.tensor([1, 1, 2, 2]), frame_rate=10.0)
        >>> swapped = torch.tensor([-9.0, 9.0, 9.0, -9.0])
        >>> for term in (ConservationTerm(), IdentityConservationTerm()):
        ...     round(UniTrackLoss([term], log_normalise=False)(swapped, window).total.item(), 3)
        0.0
        37.386
    """

    name = "conservation"
    follows_chains = True

    def per_node(self, graph: LinkGraph, logits: Tensor, sums: SideSums) -> Tensor:
        """``(N,)``."""
        identity = chain_of(graph)
        same = rows(identity, graph.source) == rows(identity, graph.target)
        flow = log_softmax_flows(logits, graph.source, graph.target, graph.nodes, sums)
        total = logits.new_zeros(graph.nodes)
        for side in sides(graph, logits, sums):
            kept, own = (
                torch.where(side.present, scatter_logsumexp(values, side.end, graph.nodes), NO_CHOICE)
                for values in (torch.where(same, values, NO_CHOICE) for values in (flow, logits))
            )
            ended = side.options - torch.logaddexp(own, torch.zeros_like(own))
            total = total + torch.where(side.linked, -kept, ended) * side.present
        return total
