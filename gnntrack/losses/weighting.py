"""The weights λ of the spatial and the temporal term: fixed, learned, or from the graph's Laplacians."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from gnntrack.losses.graph import LinkGraph


class Shares(NamedTuple):
    """λ_s and λ_t, each ``(G,)``, and figures for the log, each ``(G,)``."""

    spatial: Tensor
    temporal: Tensor
    figures: dict[str, Tensor]


class FixedWeighting(nn.Module):
    """λ_s and λ_t as they are given.

    Args:
        spatial: λ_s.
        temporal: λ_t.
    """

    def __init__(self, spatial: float = 0.5, temporal: float = 0.5) -> None:
        super().__init__()
        self.spatial, self.temporal = spatial, temporal

    def forward(self, graph: LinkGraph, flow: Tensor) -> Shares:
        """The shares of each graph."""
        one = flow.new_ones(graph.graphs)
        return Shares(self.spatial * one, self.temporal * one, {})


class LearnedWeighting(nn.Module):
    """λ_s and λ_t as one learned share: a softmax of two parameters, so that they sum to 1 as in the paper.

    The parameters must be given to the optimiser (``loss.parameters()``). Nothing but the shares' sum holds them:
    gradient descent drifts to the smaller term, one reason why the graph's own weights are the default.
    """

    def __init__(self) -> None:
        super().__init__()
        self.preference = nn.Parameter(torch.zeros(2))

    def forward(self, graph: LinkGraph, flow: Tensor) -> Shares:
        """The shares of each graph."""
        share = self.preference.softmax(0).to(flow.dtype)
        one = flow.new_ones(graph.graphs)
        return Shares(share[0] * one, share[1] * one, {})
