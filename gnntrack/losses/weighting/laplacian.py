"""Graph Laplacians by scatter, sparse, of one graph or of many at once."""

from __future__ import annotations

from typing import Literal, NamedTuple

import torch
from torch import Tensor

from gnntrack.scatter import rows, scatter_sum

LaplacianKind = Literal["combinatorial", "normalised"]


class Laplacian(NamedTuple):
    """L = diag(diagonal) − A, with A's entries given once per undirected pair.

    Attributes:
        diagonal: ``(N,)``.
        pairs: ``(2, M)`` pairs of nodes; A is symmetric and pairs that are listed twice add up.
        values: ``(M,)`` entries of A.
        null: ``(N,)`` a vector with L · null = 0: ones, or the roots of the degrees.
    """

    diagonal: Tensor
    pairs: Tensor
    values: Tensor
    null: Tensor

    def dense(self) -> Tensor:
        """``(N, N)``."""
        adjacency = self.diagonal.new_zeros((len(self.diagonal),) * 2)
        adjacency = adjacency.index_put((self.pairs[0], self.pairs[1]), self.values, accumulate=True)
        return self.diagonal.diag() - adjacency - adjacency.mT

    def times(self, vector: Tensor) -> Tensor:
        """L · vector: ``(N,)`` to ``(N,)``."""
        first, second = self.pairs
        nodes = len(self.diagonal)
        forth = scatter_sum(self.values * rows(vector, second), first, nodes)
        back = scatter_sum(self.values * rows(vector, first), second, nodes)
        return self.diagonal * vector - forth - back


def laplacian(edge_index: Tensor, weight: Tensor, nodes: int, kind: LaplacianKind = "combinatorial") -> Laplacian:
    """The Laplacian of an undirected weighted graph, or of a disjoint union of graphs.

    Args:
        edge_index: ``(2, M)``, every undirected edge once; edges listed in both directions count twice, so halve their
            weights. Self-loops are left out (they do not connect anything).
        weight: ``(M,)`` not negative; the result is differentiable in it.
        nodes: N.
        kind: ``"combinatorial"``: D − A. ``"normalised"``: I − D^−½ A D^−½ (Chung, Spectral Graph Theory, 1997), whose
            eigenvalues lie in [0, 2] whatever the weights and the size; an isolated node has a zero row.

    Example:
        ::

            0 - 1 = 2      weights 1 and 2

        >>> result = laplacian(torch.tensor([[0, 1], [1, 2]]), torch.tensor([1.0, 2.0]), 3)
        >>> result.dense().tolist()
        [[1.0, -1.0, 0.0], [-1.0, 3.0, -2.0], [0.0, -2.0, 2.0]]
    """
    weight = torch.where(edge_index[0] == edge_index[1], 0.0, weight)
    degree = scatter_sum(weight, edge_index[0], nodes) + scatter_sum(weight, edge_index[1], nodes)
    if kind == "combinatorial":
        return Laplacian(degree, edge_index, weight, torch.ones_like(degree))
    some = degree > 0
    scale = torch.where(some, torch.where(some, degree, 1.0).rsqrt(), 0.0)
    values = weight * rows(scale, edge_index[0]) * rows(scale, edge_index[1])
    return Laplacian(some.to(weight.dtype), edge_index, values, degree * scale)
