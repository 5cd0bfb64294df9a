"""The spatial term: flow should not jump to another subject."""

from __future__ import annotations

import torch
from torch import Tensor

from gnntrack.losses.graph import LinkGraph
from gnntrack.losses.term import Reduction, Term, Units, distance_unit
from gnntrack.scatter import scatter_sum


def link_distance(step: Tensor, unit: Tensor) -> Tensor:
    """Length of every step ``(2, E)``, in units: ``(E,)``; gradient 0 (not NaN) where the ends coincide."""
    squared = step.square().sum(0)
    return squared.clamp(min=torch.finfo(squared.dtype).tiny).sqrt() / unit


def spatial_term(
    flow: Tensor,
    strength: Tensor,
    distance: Tensor,
    link_graph: Tensor,
    graphs: int,
    *,
    saturation: float | None = None,
) -> Tensor:
    """UniTrack's spatial term ``Σ w · d(p_i, p_j) · f``, summed per graph.

    Args:
        flow: ``(E,)``; the flow of links that should not be charged is set to 0 by the caller.
        strength: ``(E,)`` the paper's w.
        distance: ``(E,)`` distance between the ends, in units of length.
        link_graph: ``(E,)`` graph of each link.
        graphs: G.
        saturation: distance at which a link costs half of what the longest can: d becomes d/(d + saturation), so
            that one far candidate does not outweigh the near ones, among which swaps happen. ``None``: d itself (the
            paper).

    Returns:
        ``(G,)``.

    Source:
        UniTrack, arXiv 2602.05037, spatial term.

    Example:
        >>> flow, distance, graph = torch.tensor([1.0, 0.5]), torch.tensor([0.2, 4.0]), torch.tensor([0, 0])
        >>> round(spatial_term(flow, torch.ones(2), distance, graph, 1).item(), 4)
        2.2
    """
    cost = distance if saturation is None else distance / (distance + saturation)
    return scatter_sum(strength * cost * flow, link_graph, graphs)


class SpatialTerm(Term):
    """:func:`spatial_term` as an object.

    Args:
        weight: factor in the sum.
        links: ``"false"`` charges wrong links only, so that a fast object is not punished for its true links and a
            perfect prediction costs nothing; ``"all"`` is the paper. Without ground truth all links are charged.
        saturation: see :func:`spatial_term`.
        units: distances in box heights or in picture diagonals.
    """

    name = "spatial"
    share = "spatial"

    def __init__(
        self, weight: float = 1.0, *, links: str = "false", saturation: float | None = 1.0, units: Units = "height"
    ) -> None:
        super().__init__(weight)
        self.links, self.saturation = links, saturation
        self.units: Units = units

    def forward(self, graph: LinkGraph, flow: Tensor, strength: Tensor, reduction: Reduction = "mean") -> Tensor:
        """The term per graph, ``(G,)``; the mean is per true link."""
        distance = link_distance(graph.step, distance_unit(graph, self.units))
        charged = flow * (1 - graph.label) if self.links == "false" and graph.labelled else flow
        value = spatial_term(charged, strength, distance, graph.link_graph, graph.graphs, saturation=self.saturation)
        return value / graph.true_count if reduction == "mean" else value
