"""The weights λ of the spatial and the temporal term: fixed, learned, or from the graph's Laplacians."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from gnntrack.losses.eager import eager
from gnntrack.losses.graph import LinkGraph
from gnntrack.losses.weighting.connectivity import algebraic_connectivity, components
from gnntrack.losses.weighting.laplacian import LaplacianKind
from gnntrack.scatter import group_max, rows, scatter_mean, scatter_sum


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
    gradient descent drifts to the smaller term.
    """

    def __init__(self) -> None:
        super().__init__()
        self.preference = nn.Parameter(torch.zeros(2))

    def forward(self, graph: LinkGraph, flow: Tensor) -> Shares:
        """The shares of each graph."""
        share = self.preference.softmax(0).to(flow.dtype)
        one = flow.new_ones(graph.graphs)
        return Shares(share[0] * one, share[1] * one, {})


class LaplacianWeighting(nn.Module):
    """λ from the algebraic connectivity σ₂ of the current graph, as the paper has it; no gradient, nothing learned.

    ``λ_s = σ_s⁻¹ / (σ_s⁻¹ + σ_t⁻¹)`` with ``σ = σ₂ + floor``, computed as ``σ_t / (σ_s + σ_t)``, λ_t the other share:
    the worse a graph hangs together, the more its term counts. The temporal graph carries the flows as weights. While
    a model is unsure, flows spread and tie everything together, and the spatial term counts; as tracks come apart from
    each other σ_t falls to 0 (a perfect association is one component a track) and the temporal term takes over. The
    spatial graph is disconnected between frames by construction, so its σ₂ is the mean over the frames that have at
    least two nodes.

    Args:
        floor: ε that is added to both σ₂: keeps the shares defined and away from 0 and 1 on disconnected graphs.
        kind: ``"normalised"`` Laplacians have σ₂ in [0, 2] whatever the size of the graph or the sum of the flows, so
            that one floor fits all scenes; ``"combinatorial"`` is the paper's.
        smoothing: share of the old λ in a running mean over training steps; 0: none.
        every: in training, λ is computed at every so-many-th call; between two of them all graphs get the running mean.
            λ moves slowly (it follows how sure the model is), and computing it costs as much as the rest of the loss.
        tolerance: precision of σ₂ on large graphs, relative to σ₂ + floor; 0.1 moves a share by at most 0.025.
        parts: σ₂ is the mean over the connected parts of a graph that have at least two nodes, weighted by their nodes,
            where a link joins parts if its flow is at least half of the largest at one of its ends. A whole graph is
            disconnected as soon as tracks are separated; its σ₂ is then 0 and the floor alone decides λ. A part is a
            track then, and its σ₂ (``1 − cos(π / (n − 1))`` for n detections in a row, normalised) falls with its
            length.
    """

    running: Tensor
    calls: Tensor
    held: Tensor

    def __init__(
        self,
        floor: float = 0.1,
        kind: LaplacianKind = "normalised",
        *,
        smoothing: float = 0.0,
        every: int = 1,
        tolerance: float = 0.1,
        parts: bool = False,
    ) -> None:
        super().__init__()
        self.floor, self.smoothing, self.every, self.tolerance = floor, smoothing, every, tolerance
        self.parts = parts
        self.kind: LaplacianKind = kind
        self.register_buffer("running", torch.tensor(float("nan"), dtype=torch.float64))
        self.register_buffer("calls", torch.tensor(0))
        self.register_buffer("held", torch.zeros(2, dtype=torch.float64))  # mean σ₂ of the last computation
        self.seen = 0  # graphs of the last call: of so many is what is remembered a mean

    @eager
    @torch.no_grad()
    def forward(self, graph: LinkGraph, flow: Tensor) -> Shares:
        """The shares of each graph."""
        self.seen = graph.graphs if graph.nodes else 0
        if self.training and self.every > 1:
            self.calls += 1
            if (self.calls - 1) % self.every and not self.running.isnan():
                spatial, temporal = self.held.repeat(graph.graphs, 1).unbind(1)
                return self._shares(self.running.repeat(graph.graphs), spatial, temporal, flow)
        spatial, temporal = self.connectivity(graph, flow)
        share = (temporal + self.floor) / (spatial + temporal + 2 * self.floor)
        if graph.nodes:
            share = self._smooth(share)
            if self.training:
                self.running.copy_(share.mean())
                self.held.copy_(torch.stack([spatial.mean(), temporal.mean()]))
        return self._shares(share, spatial, temporal, flow)

    def _shares(self, share: Tensor, spatial: Tensor, temporal: Tensor, flow: Tensor) -> Shares:
        share = share.to(flow.dtype)
        figures = {"connectivity_spatial": spatial, "connectivity_temporal": temporal}
        return Shares(share, 1 - share, figures)

    def connectivity(self, graph: LinkGraph, flow: Tensor) -> tuple[Tensor, Tensor]:
        """σ₂ of the spatial graph and of the candidate links weighted by their flows, each ``(G,)``.

        The spatial value is the mean over the frames with at least two nodes, 0 where there is none.
        """
        nodes, frame = graph.nodes, graph.frame
        span = int(frame.max() - frame.min()) + 1 if nodes else 1
        key = graph.node_graph * span + (frame - frame.min() if nodes else frame)
        places, moment = torch.unique(key, return_inverse=True)
        halves = flow.new_full((graph.spatial.shape[1],), 0.5)  # neighbours are listed in both directions
        start = _start(graph)
        value = self._connectivity(graph.spatial, halves, moment, len(places), start)
        shared = scatter_sum(torch.ones_like(moment), moment, len(places)) >= 2
        spatial = scatter_mean(value[shared], (places // span)[shared], graph.graphs)
        links = torch.stack([graph.source, graph.target])
        return spatial, self._connectivity(links, flow.detach(), graph.node_graph, graph.graphs, start)

    def _connectivity(self, pairs: Tensor, weight: Tensor, block: Tensor, blocks: int, start: Tensor) -> Tensor:
        if not self.parts:
            return self._of_blocks(pairs, weight, block, blocks, start)
        part, inside = connected_parts(pairs, weight, block)
        count = int(part.max()) + 1 if len(part) else 0
        size = scatter_sum(torch.ones_like(part), part, count)
        value = self._of_blocks(pairs[:, inside], weight[inside], part, count, start)[part]  # of every node
        shared = (size >= 2)[part]
        return scatter_mean(value[shared], block[shared], blocks)

    def _of_blocks(self, pairs: Tensor, weight: Tensor, block: Tensor, blocks: int, start: Tensor) -> Tensor:
        return algebraic_connectivity(
            pairs,
            weight,
            block,
            blocks,
            kind=self.kind,
            relative=self.tolerance,
            absolute=self.tolerance * self.floor,
            start=start,
        )

    def _smooth(self, share: Tensor) -> Tensor:
        """Mixed with the mean of the steps before."""
        old = torch.where(self.running.isnan(), share.mean(), self.running)
        return self.smoothing * old + (1 - self.smoothing) * share


def connected_parts(pairs: Tensor, weight: Tensor, block: Tensor) -> tuple[Tensor, Tensor]:
    """The connected part of every node, joined by strong links alone, and which links lie inside one part.

    A link is strong if its weight is at least half of the largest at one of its ends.

    Args:
        pairs: ``(2, M)``.
        weight: ``(M,)``.
        block: ``(N,)`` graph of each node.

    Returns:
        ``(N,)`` from 0 without holes, and ``(M,)`` bool.

    Example:
        Two tracks with a weak link between them::

            0 - 1
               .
              .
            2 - 3

        >>> links, flow = torch.tensor([[0, 2, 2], [1, 3, 1]]), torch.tensor([0.9, 0.8, 0.1])
        >>> part, inside = connected_parts(links, flow, torch.zeros(4))
        >>> part.tolist(), inside.tolist()
        ([0, 0, 1, 1], [True, True, False])
    """
    nodes = len(block)
    largest = [group_max(weight, end, nodes, 0.0) for end in pairs]
    strong = weight >= 0.5 * torch.minimum(*(rows(most, end) for most, end in zip(largest, pairs, strict=True)))
    root = components(pairs[:, strong & (weight > 0)], nodes)
    part = torch.unique(root, return_inverse=True)[1]
    return part, rows(part, pairs[0]) == rows(part, pairs[1])


def _start(graph: LinkGraph) -> Tensor:
    """A smooth function of place and time that does not depend on the order of the nodes: where Lanczos starts."""
    centre = scatter_mean(graph.position.detach(), graph.node_graph, graph.graphs)[graph.node_graph]
    right, down = ((graph.position.detach() - centre) / graph.diagonal[:, None]).unbind(1)
    return right + 0.7 * down + 0.1 * torch.sin(9 * right - 5 * down) + 0.1 * graph.time
