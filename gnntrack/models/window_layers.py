"""Layers of the window network, operation by operation: on any device, in any type, compiled or exported."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from gnntrack.scatter import rows, scatter_mean, scatter_softmax, scatter_sum


class Pairs(NamedTuple):
    """Links between N nodes: where each starts and where it ends, ``(E,)`` each.

    Attributes:
        source: nodes where they start.
        target: nodes where they end.
        nodes: N.
    """

    source: Tensor
    target: Tensor
    nodes: int

    @classmethod
    def of(cls, index: Tensor, nodes: int) -> Pairs:
        """Those of an index ``(2, E)``."""
        source, target = index
        return cls(source, target, nodes)


class WindowLayers:
    """What the network computes between its matrix products; D is its width."""

    def gelu_of_linear(self, x: Tensor, linear: nn.Linear) -> Tensor:
        """``gelu(linear(x))``, ``(E, F)`` to ``(E, D)``."""
        return functional.gelu(linear(x))

    def norm_of_sum(self, x: Tensor | None, mixed: Tensor, linear: nn.Linear, norm: nn.LayerNorm) -> Tensor:
        """``norm(x + linear(mixed))``, each ``(E, D)``; without ``x``, of the second alone."""
        change = linear(mixed)
        result: Tensor = norm(change if x is None else x + change)
        return result

    def perceptron(self, x: Tensor, layers: nn.Sequential) -> Tensor:
        """Linear, GELU, linear, norm: ``(E, F)`` to ``(E, D)``."""
        first, second = linear_layers(layers)
        *_, norm = layers
        assert isinstance(norm, nn.LayerNorm)
        return self.norm_of_sum(None, self.gelu_of_linear(x, first), second, norm)

    def mix(self, x: Tensor, first: Tensor, of_source: Tensor, of_target: Tensor, links: Pairs) -> Tensor:
        """GELU of what a link has of itself and is told by both ends.

        Args:
            x: ``(E, D)`` of links; nobody else's, as it may be changed.
            first: ``(E, D)`` of links.
            of_source: ``(N, D)`` what a node tells the links that start there.
            of_target: ``(N, D)`` and those that end there.
            links: E of them.
        """
        ends = rows(of_source, links.source) + rows(of_target, links.target)
        return functional.gelu(ends + x + first)

    def messages(self, edges: Tensor, attention: nn.Linear, links: Pairs) -> tuple[Tensor, Tensor]:
        """Means of links, weighted by attention among those of a source, and among those of a target.

        Args:
            edges: ``(E, D)``.
            attention: two numbers a link, ahead and behind.
            links: E of them.

        Returns:
            ``(N, D)`` of the links that start at a node, and of those that end there; 0 where there are none.
        """
        both = zip(attention(edges).unbind(-1), (links.source, links.target), strict=True)
        ahead, behind = (
            scatter_sum(scatter_softmax(weight, end, links.nodes).unsqueeze(-1) * edges, end, links.nodes)
            for weight, end in both
        )
        return ahead, behind

    def neighbours(self, of_source: Tensor, spatial: Tensor, pairs: Pairs) -> Tensor:
        """Mean ``(N, D)`` of what neighbours tell a node: the positive part of ``of_source[source] + spatial``."""
        return scatter_mean(torch.relu(rows(of_source, pairs.source) + spatial), pairs.target, pairs.nodes)


def linear_layers(layers: nn.Sequential) -> list[nn.Linear]:
    """Those that are linear, in order."""
    return [layer for layer in layers if isinstance(layer, nn.Linear)]
