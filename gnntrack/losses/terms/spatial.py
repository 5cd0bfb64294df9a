"""The spatial term: flow should not jump to another subject."""

from __future__ import annotations

import torch
from torch import Tensor

from gnntrack.losses.graph import LinkGraph
from gnntrack.losses.terms.term import Reduction, Term, Units, distance_unit


def link_distance(step: Tensor, unit: Tensor) -> Tensor:
    """Length of every step ``(2, E)``, in units: ``(E,)``; gradient 0 (not NaN) where the ends coincide."""
    squared = step.square().sum(0)
    return squared.clamp(min=torch.finfo(squared.dtype).tiny).sqrt() / unit


def spatial_term(
    graph: LinkGraph,
    flow: Tensor,
    strength: Tensor,
    *,
    links: str = "all",
    saturation: float | None = None,
    units: Units = "diagonal",
) -> Tensor:
    """UniTrack's spatial term ``Σ w · d(p_i, p_j) · f``, summed per graph.

    Args:
        graph: the window graph(s).
        flow: ``(E,)``.
        strength: ``(E,)`` the paper's w.
        links: ``"all"`` (the paper) or ``"false"``: wrong links only. Without ground truth all links are charged.
        saturation: distance at which a link costs half of what the longest can: d becomes d/(d + saturation), so
            that one far candidate does not outweigh the near ones, among which swaps happen. ``None``: d itself (the
            paper).
        units: distances in box heights or in image diagonals (the paper).

    Returns:
        ``(G,)``.

    Source:
        UniTrack, arXiv 2602.05037, spatial term.

    Example:
        A step of 30 pixels with all flow and one of 40 with half, image diagonal 500:

        >>> from types import SimpleNamespace as Window
        >>> from gnntrack.losses.graph import link_graph
        >>> window = Window(edge_index=torch.tensor([[0, 1], [1, 2]]), edge_label=torch.ones(2), width=300, height=400,
        ...                 pos=torch.tensor([[0.0, 0], [30, 0], [70, 0]]), time=torch.tensor([0.0, 0.1, 0.2]))
        >>> flow = torch.tensor([1.0, 0.5])
        >>> round(spatial_term(link_graph(flow, window), flow, torch.ones(2)).item(), 4)  # 30/500 + ½ · 40/500
        0.1
    """
    cost = link_distance(graph.step, distance_unit(graph, units))
    if saturation is not None:
        cost = cost / (cost + saturation)
    if links == "false" and graph.labelled:
        cost = cost * (1 - graph.label)
    return graph.sum_links(strength * cost * flow)


class SpatialTerm(Term):
    """Charges flow for the distance that it bridges, so that it does not jump to another object.

    Args:
        weight: factor in the sum.
        links: ``"false"`` charges wrong links only, so that a fast object is not punished for its true links and a
            perfect prediction costs nothing; ``"all"`` is the paper. Without ground truth all links are charged.
        saturation: the distance at which a link costs half the maximum; ``None``: cost grows with distance (the paper).
        units: distances in box heights or in image diagonals.
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
        value = spatial_term(graph, flow, strength, links=self.links, saturation=self.saturation, units=self.units)
        return value / graph.true_count if reduction == "mean" else value
