"""The temporal term in logs: expected change of velocity, over rivals."""

from __future__ import annotations

import torch
from torch import Tensor

from gnntrack.losses.graph import LinkGraph
from gnntrack.losses.links.soft_assignment import SideSums
from gnntrack.losses.terms.log_spatial import saturate
from gnntrack.losses.terms.log_term import LogTerm, rival_loss, sides
from gnntrack.losses.terms.term import Units, distance_unit
from gnntrack.scatter import rows, scatter_sum


class LogTemporalTerm(LogTerm):
    """Motion should go on as it was: :func:`~gnntrack.losses.terms.log_term.rival_loss` of changes of velocity.

    A rival costs how much it changes the velocity that the true link on the *other* side of the node has (where there
    is none, that of the true link on this side; where there is none either, standing still), beyond what the true link
    changes. The paper charges ``‖Δv‖² · Σ f`` with bounded flows; this grows with the log of the expected cost against
    the true link's probability.

    Args:
        weight: factor in the sum.
        saturation: change of speed, in units a second, at which a rival costs half of the most; "no link" costs as
            much.
        units: lengths in box heights or in image diagonals. Time is in seconds.

    Source:
        UniTrack, arXiv 2602.05037, temporal term, in logs and against the true motion.
    """

    name = "temporal"
    share = "temporal"

    def __init__(self, weight: float = 1.0, *, saturation: float = 4.0, units: Units = "height") -> None:
        super().__init__(weight)
        self.saturation = saturation
        self.units: Units = units

    def per_node(self, graph: LinkGraph, logits: Tensor, sums: SideSums) -> Tensor:
        """``(N,)``."""
        velocity = graph.step / distance_unit(graph, self.units) / graph.gap  # (2, E)
        future, past = sides(graph, logits, sums)
        true_velocity = velocity.index_select(1, graph.true)
        after, before = (_of_nodes(true_velocity, rows(side.end, graph.true), graph.nodes) for side in (future, past))
        total = logits.new_zeros(graph.nodes)
        for side, own, other, known in ((future, after, before, past), (past, before, after, future)):
            reference = torch.where(known.linked, other, own)
            change = (velocity - reference.index_select(1, side.end)).square().sum(0)
            fair = (own - reference).square().sum(0)
            excess = (change - rows(torch.where(side.linked, fair, 0.0), side.end)).clamp(min=0)
            total = total + rival_loss(side, logits, graph.label, saturate(excess, self.saturation**2), 0.5)
        return total


def _of_nodes(velocity: Tensor, end: Tensor, nodes: int) -> Tensor:
    """Velocity of the true link of every node: ``(2, M)`` to ``(2, N)``; 0 where there is none."""
    return torch.stack([scatter_sum(axis, end, nodes) for axis in velocity.unbind(0)])
