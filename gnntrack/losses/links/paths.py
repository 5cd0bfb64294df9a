"""Paths over many links: how probable it is that a track that holds one detection also holds a later one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from gnntrack.scatter import group_max, rows, scatter_sum

#: Entries of R that are held at once: up to 2,000 nodes are done in one block of sources, more in several.
BLOCK = 2_000 * 2_000
#: Least distance of log R from 0 where log(1 − R) is taken.
MARGIN = 1e-12


def log_reach(log_flow: Tensor, source: Tensor, target: Tensor, frame: Tensor) -> Tensor:
    """``log R`` with ``R = (I − F)⁻¹ − I``, F the matrix of flows: ``(N, N)`` float64, −inf where no path leads.

    ``R[i, j]`` sums the products of the flows along all paths from i to j: the probability that a walk which leaves
    each node along its links with their flows as probabilities, or stops, comes from i to j.

    Args:
        log_flow: ``(E,)``.
        source: ``(E,)`` node where a link starts.
        target: ``(E,)`` node where it ends, in a later frame.
        frame: ``(N,)``.

    Example:
        ::

            0 -½-> 1 -½-> 2

        >>> flow, frame = torch.tensor([0.5, 0.5]), torch.tensor([1, 2, 3])
        >>> log_reach(flow.log(), torch.tensor([0, 1]), torch.tensor([1, 2]), frame).exp().round(decimals=6).tolist()
        [[0.0, 0.5, 0.25], [0.0, 0.0, 0.5], [0.0, 0.0, 0.0]]
    """
    nodes = len(frame)
    steps = _Steps(source, target, frame)
    return steps.reach(log_flow.detach().double(), torch.arange(nodes, device=frame.device)).mT


def path_cross_entropy(
    log_flow: Tensor,
    source: Tensor,
    target: Tensor,
    frame: Tensor,
    identity: Tensor,
    annotated: Tensor | None = None,
) -> Tensor:
    """Cross entropy of "both are of one track" over all pairs of detections that a path connects, however far apart.

    ``(Σ_same −log R + Σ_different −log(1 − R)) / |same|``, see :func:`log_reach`. A wrong link costs once for every
    pair of detections before and behind it that it puts on one track, a missing link once for every pair that it parts.
    Everything is summed in logs, link by link and frame by frame (a sparse triangular solve), in blocks of sources;
    time is links × sources, memory the links and one block.

    Args:
        log_flow: ``(E,)`` not above 0; those out of a node sum to at most 1.
        source: ``(E,)``.
        target: ``(E,)`` in a later frame.
        frame: ``(N,)``.
        identity: ``(N,)``; nodes without identity have unique numbers.
        annotated: ``(N,)`` bool: whose identity is known; pairs of others do not count, but paths lead over them.
            ``None``: all.

    Returns:
        A scalar, float64; differentiable once in ``log_flow``.

    Example:
        A track of three: two links at probability ½ give two pairs at ½ and one at ¼::

            0 -½-> 1 -½-> 2

        >>> flow, edges = torch.tensor([0.5, 0.5]), torch.tensor([[0, 1], [1, 2]])
        >>> value = path_cross_entropy(flow.log(), *edges, torch.tensor([1, 2, 3]), torch.zeros(3))
        >>> round(value.item(), 4), round((torch.tensor([2.0, 2.0, 4.0]).log().mean()).item(), 4)
        (0.9242, 0.9242)
    """
    value: Tensor = _PathCrossEntropy.apply(log_flow.double(), source, target, frame, identity, annotated)  # type: ignore[no-untyped-call]
    return value


class _Steps:
    """The links of a graph, frame by frame; nodes keep their numbers."""

    def __init__(self, source: Tensor, target: Tensor, frame: Tensor) -> None:
        self.source, self.target, self.frame = source, target, frame
        self.moments, moment = torch.unique(frame, return_inverse=True)
        self.moment = moment
        of_link = rows(moment, target)
        self.order = torch.argsort(of_link, stable=True)
        counts = torch.bincount(of_link, minlength=len(self.moments))
        self.links = list(torch.split(self.order, counts.tolist()))
        by_node = torch.argsort(moment, stable=True)
        self.nodes = list(torch.split(by_node, torch.bincount(moment, minlength=len(self.moments)).tolist()))
        self.place = torch.empty_like(by_node)  # of a node among those of its frame
        for nodes in self.nodes:
            self.place[nodes] = torch.arange(len(nodes), device=nodes.device)

    def blocks(self) -> Iterator[Tensor]:
        """Sources, those of the same time together, as many as :data:`BLOCK` allows."""
        count = max(1, BLOCK // max(1, len(self.frame)))
        yield from torch.split(torch.cat(self.nodes) if self.nodes else self.frame[:0], count)

    def first(self, sources: Tensor) -> int:
        """The moment of the earliest of these nodes."""
        return int(rows(self.moment, sources).min()) if len(sources) else len(self.moments)

    def begin(self, sources: Tensor) -> Tensor:
        """``log(I + R)`` before any step: ``(N, B)``."""
        reach = torch.full((len(self.frame), len(sources)), -torch.inf, dtype=torch.float64, device=self.frame.device)
        reach[sources, torch.arange(len(sources), device=sources.device)] = 0.0
        return reach

    def reach(self, log_flow: Tensor, sources: Tensor) -> Tensor:
        """``log R`` from these sources: ``(N, B)``."""
        reach = self.begin(sources)
        for moment in range(self.first(sources) + 1, len(self.moments)):
            links, nodes = self.links[moment], self.nodes[moment]
            if len(links):
                along = rows(reach, rows(self.source, links)) + rows(log_flow, links)[:, None]
                arrived = _logsumexp(along, rows(self.place, rows(self.target, links)), len(nodes))
                reach[nodes] = torch.where(reach[nodes] == 0.0, reach[nodes], arrived)  # no path leads back to a source
        reach[sources, torch.arange(len(sources), device=sources.device)] = -torch.inf
        return reach

    def pull_back(self, log_flow: Tensor, sources: Tensor, reach: Tensor, slope: Tensor) -> Tensor:
        """Slope in ``log_flow`` from that in ``log R`` (changed in place): ``(N, B)`` to ``(E,)``."""
        result = torch.zeros_like(log_flow)
        before = reach.clone()
        before[sources, torch.arange(len(sources), device=sources.device)] = 0.0
        for moment in range(len(self.moments) - 1, self.first(sources), -1):
            links = self.links[moment]
            if not len(links):
                continue
            start, end = rows(self.source, links), rows(self.target, links)
            arrived = rows(reach, end)
            share = (rows(before, start) + rows(log_flow, links)[:, None] - arrived).exp()
            moved = torch.where(arrived == -torch.inf, 0.0, share) * rows(slope, end)
            result[links] = moved.sum(1)
            slope.index_add_(0, start, moved)
        return result


def _logsumexp(values: Tensor, index: Tensor, size: int) -> Tensor:
    """Like :func:`gnntrack.scatter.scatter_logsumexp`, also where all of a group are −inf."""
    largest = group_max(values, index, size)
    finite = torch.where(largest == -torch.inf, 0.0, largest)
    return scatter_sum((values - rows(finite, index)).exp(), index, size).log() + finite


class _PathCrossEntropy(torch.autograd.Function):
    """Value and slope at once, block by block, so that R is never held whole."""

    @staticmethod
    def forward(
        ctx: Any,
        log_flow: Tensor,
        source: Tensor,
        target: Tensor,
        frame: Tensor,
        identity: Tensor,
        annotated: Tensor | None,
    ) -> Tensor:
        steps = _Steps(source, target, frame)
        total, same_pairs, slope = log_flow.new_zeros(()), log_flow.new_zeros(()), torch.zeros_like(log_flow)
        for sources in steps.blocks():
            reach = steps.reach(log_flow, sources)
            same = identity[:, None] == rows(identity, sources)
            counted = reach > -torch.inf
            if annotated is not None:
                counted &= annotated[:, None] & rows(annotated, sources)
            away = reach.clamp(max=-MARGIN)
            miss = torch.log(-torch.expm1(away))
            cost = torch.where(same, -reach, -miss)
            total = total + torch.where(counted, cost, 0.0).sum()
            same_pairs = same_pairs + (same & counted).sum()
            pull = torch.where(same, -1.0, (away - miss).exp())
            slope += steps.pull_back(log_flow, sources, reach, torch.where(counted, pull, 0.0))
        pairs = same_pairs.clamp(min=1)
        ctx.save_for_backward(slope / pairs)
        return total / pairs

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor, None, None, None, None, None]:
        (saved,) = ctx.saved_tensors
        return slope * saved, None, None, None, None, None
