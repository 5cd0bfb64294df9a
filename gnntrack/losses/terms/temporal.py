"""The temporal term: the flow into a node and the flow out of it should move alike."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from gnntrack.losses.graph import LinkGraph
from gnntrack.losses.terms.term import Reduction, Term, Units, distance_unit
from gnntrack.scatter import rows, scatter_sum

#: Flow below which a side counts as empty when its mean velocity is taken.
NO_FLOW = 1e-12


class Motion(NamedTuple):
    """Flow ``(N,)`` and flow-weighted mean velocity ``(2, N)`` of every node on both sides."""

    outflow: Tensor
    inflow: Tensor
    out_velocity: Tensor
    in_velocity: Tensor


def flow_motion(flow: Tensor, step: Tensor, gap: Tensor, source: Tensor, target: Tensor, nodes: int) -> Motion:
    """Mean velocity before and after every node, as functions of the flows.

    Args:
        flow: ``(E,)``.
        step: ``(2, E)`` displacement along each link, in units of length.
        gap: ``(E,)`` seconds between the ends of each link; candidates may skip frames.
        source: ``(E,)``.
        target: ``(E,)``.
        nodes: N.

    Example:
        A node that moves one unit in half a second::

            0 --1--> 1

        >>> motion = flow_motion(torch.tensor([0.5]), torch.tensor([[1.0], [0.0]]), torch.tensor([0.5]),
        ...                      torch.tensor([0]), torch.tensor([1]), 2)
        >>> motion.out_velocity[:, 0].tolist(), motion.in_velocity[:, 1].tolist(), motion.outflow.tolist()
        ([2.0, 0.0], [2.0, 0.0], [0.5, 0.0])
    """
    speed = flow / gap
    carried = flow, speed * step[0], speed * step[1]  # sums of single columns are several times as fast as of rows
    outflow, *out = (scatter_sum(values, source, nodes) for values in carried)
    inflow, *into = (scatter_sum(values, target, nodes) for values in carried)
    return Motion(
        outflow,
        inflow,
        torch.stack(out) / outflow.clamp(min=NO_FLOW),
        torch.stack(into) / inflow.clamp(min=NO_FLOW),
    )


def mean_gap(flow: Tensor, gap: Tensor, source: Tensor, nodes: int) -> Tensor:
    """Flow-weighted mean time to the next detection of every node: ``(N,)`` seconds; 1 where nothing flows out."""
    outflow = scatter_sum(flow, source, nodes)
    mean = scatter_sum(flow * gap, source, nodes) / outflow.clamp(min=NO_FLOW)
    return torch.where(outflow > NO_FLOW, mean, 1.0)


def temporal_cost(motion: Motion, saturation: float | None = None, *, literal: bool = False) -> Tensor:
    """Cost of the change of velocity at every node: ``(N,)``.

    ``‖v_out − v_in‖²`` times the flow on both sides (a node without a link on one side has no change of velocity);
    with ``saturation`` (a speed c) ``‖·‖²/(‖·‖² + c²)`` instead of the square (Geman and McClure's robust cost),
    because at video rates a jump of one box height is a change of 25 heights a second, whose square would drown
    everything else. ``literal``: times the flow out alone, ``Σ_j f_ij``, as the equation is printed, where there is any
    flow in.
    """
    change = (motion.out_velocity - motion.in_velocity).square().sum(0)
    weight = motion.outflow * ((motion.inflow > NO_FLOW) if literal else motion.inflow)
    if saturation is None:
        return weight * change
    return weight * change / (change + saturation**2)


class TemporalTerm(Term):
    """UniTrack's temporal term ``1/Δt · Σ_i ‖v_i,t − v_i,t−1‖² · Σ_j f_ij`` with velocities that depend on the flows.

    Args:
        weight: factor in the sum.
        excess: charge only what exceeds the cost of the true links at the same node, so that true motion, however
            uneven, costs nothing; without it (the paper) a model gains by cutting the track of whoever turns.
        saturation: change of speed, in units a second, that costs half the maximum; ``None``: the plain square (the
            paper), over the time gap ahead.
        literal: weigh a change by the flow out alone, as the equation is printed; else by the flow on both sides, so
            that a node with little flow in has no change of velocity.
        units: lengths in box heights or in image diagonals. Time is in seconds, so the frame rate cancels.

    Source:
        UniTrack, arXiv 2602.05037, temporal term.
    """

    name = "temporal"
    share = "temporal"

    def __init__(
        self,
        weight: float = 1.0,
        *,
        excess: bool = True,
        saturation: float | None = 4.0,
        literal: bool = False,
        units: Units = "height",
    ) -> None:
        super().__init__(weight)
        self.excess, self.saturation, self.literal = excess, saturation, literal
        self.units: Units = units

    def forward(self, graph: LinkGraph, flow: Tensor, strength: Tensor, reduction: Reduction = "mean") -> Tensor:
        """The term per graph, ``(G,)``; the mean is per true link."""
        source, target, nodes = graph.source, graph.target, graph.nodes
        step, gap = graph.step / distance_unit(graph, self.units), graph.gap
        cost = self._cost(flow, step, gap, source, target, nodes)
        if self.excess and graph.labelled:
            label, gap, source, target = (rows(values, graph.true) for values in (graph.label, gap, source, target))
            true_cost = self._cost(label, step.index_select(1, graph.true), gap, source, target, nodes)
            cost = (cost - true_cost).clamp(min=0)
        value = graph.sum_nodes(cost)
        return value / graph.true_count if reduction == "mean" else value

    def _cost(self, flow: Tensor, step: Tensor, gap: Tensor, source: Tensor, target: Tensor, nodes: int) -> Tensor:
        motion = flow_motion(flow, step, gap, source, target, nodes)
        cost = temporal_cost(motion, self.saturation, literal=self.literal)
        return cost if self.saturation is not None else cost / mean_gap(flow, gap, source, nodes)
