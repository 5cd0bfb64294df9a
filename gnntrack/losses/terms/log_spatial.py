"""The spatial term in logs: expected distance from the true subject, over rivals."""

from __future__ import annotations

import torch
from torch import Tensor

from gnntrack.losses.graph import LinkGraph
from gnntrack.losses.links.soft_assignment import SideSums
from gnntrack.losses.terms.log_term import LogTerm, Side, rival_loss, sides
from gnntrack.losses.terms.spatial import link_distance
from gnntrack.losses.terms.term import Units, distance_unit
from gnntrack.scatter import rows

#: The least that a wrong link costs: a swap between two objects on one spot is a swap all the same.
LEAST = 0.1


def saturate(cost: Tensor, half: float) -> Tensor:
    """Costs from ``LEAST`` to 1; half-way where ``cost`` is ``half``."""
    return LEAST + (1 - LEAST) * cost / (cost + half)


class LogSpatialTerm(LogTerm):
    """Flow should not jump to another subject: :func:`~gnntrack.losses.terms.log_term.rival_loss` of distances.

    A rival costs what lies between its end and the end of the true link (at the node's own place where there is no true
    link), saturated, so that one far candidate does not outweigh the near ones, among which swaps happen. The paper
    charges ``Σ w · d · f``, which is bounded; this grows with the log of it against the true link's probability.

    Args:
        weight: factor in the sum.
        saturation: distance at which a rival costs half of what the farthest can; "no link" costs as much.
        units: distances in box heights or in image diagonals.

    Source:
        UniTrack, arXiv 2602.05037, spatial term, in logs and against the true subject.
    """

    name = "spatial"
    share = "spatial"

    def __init__(self, weight: float = 1.0, *, saturation: float = 1.0, units: Units = "height") -> None:
        super().__init__(weight)
        self.saturation = saturation
        self.units: Units = units

    def per_node(self, graph: LinkGraph, logits: Tensor, sums: SideSums) -> Tensor:
        """``(N,)``."""
        unit = distance_unit(graph, self.units)
        future, past = sides(graph, logits, sums)
        total = logits.new_zeros(graph.nodes)
        for side, there, back in ((future, graph.target, graph.source), (past, graph.source, graph.target)):
            cost = saturate(link_distance(_offset(graph, side, there, back), unit), self.saturation)
            total = total + rival_loss(side, logits, graph.label, cost, 0.5)
        return total


def _offset(graph: LinkGraph, side: Side, there: Tensor, back: Tensor) -> Tensor:
    """From the true partner of a link's end (the end itself where it has none) to its other end: ``(2, E)``."""
    nodes = torch.arange(graph.nodes, device=there.device)
    partner = nodes.index_put((rows(back, graph.true),), rows(there, graph.true))
    true_place = graph.position[rows(partner, side.end)]
    return (graph.position[there] - true_place).mT
