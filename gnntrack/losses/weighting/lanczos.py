"""Deflated Lanczos iterations for the second smallest eigenvalue of many Laplacians at once."""

from __future__ import annotations

from itertools import accumulate, repeat

import torch
from torch import Tensor

from gnntrack.losses.weighting.laplacian import Laplacian
from gnntrack.scatter import group_max, rows, scatter_sum

#: Iterations after which the value found so far is taken; it is then an upper bound.
MOST_ITERATIONS = 600
#: A step shorter than this share of the matrix's size means that the whole space that matters has been seen.
EXHAUSTED = 1e-13


def second_smallest(
    matrix: Laplacian, block: Tensor, blocks: int, start: Tensor, relative: float, absolute: float
) -> Tensor:
    """Second smallest eigenvalue of the Laplacian of every graph of a disjoint union of connected graphs.

    The three-term recurrence runs for all graphs at once, each with its own coefficients; the known null vector is
    projected out of every vector ("deflation"), so that the smallest value found is σ₂. Without full
    reorthogonalisation copies of found values appear, which does not move the smallest one (Paige, 1980), and a step
    costs one sparse product and a few vector operations.

    Args:
        matrix: Laplacian of N nodes.
        block: ``(N,)`` graph of each node.
        blocks: B, number of graphs; each is connected and has at least two nodes.
        start: ``(N,)`` where to start.
        relative: stop when every estimated error is below ``relative · σ₂ + absolute``.
        absolute: see ``relative``.

    Returns:
        ``(B,)``.

    Example:
        The cycle of eight nodes has σ₂ = 2 − √2:

        >>> from gnntrack.losses.weighting.laplacian import laplacian
        >>> ring = torch.arange(8)
        >>> matrix = laplacian(torch.stack([ring, (ring + 1) % 8]), torch.ones(8, dtype=torch.float64), 8)
        >>> start = torch.randn(8, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
        >>> round(second_smallest(matrix, torch.zeros(8, dtype=torch.int64), 1, start, 1e-9, 0.0).item(), 6)
        0.585786
    """

    def dot(first: Tensor, second: Tensor) -> Tensor:
        return scatter_sum(first * second, block, blocks)

    null = matrix.null / rows(dot(matrix.null, matrix.null).sqrt(), block)
    size = 2 * group_max(matrix.diagonal, block, blocks)  # no eigenvalue of a Laplacian is larger
    vector = start - rows(dot(start, null), block) * null
    vector = vector / dot(vector, vector).sqrt().clamp(min=1e-300).index_select(0, block)
    before, step, alive = torch.zeros_like(vector), vector.new_zeros(blocks), dot(vector, vector) > 0.5
    found, settled = vector.new_zeros(blocks), torch.zeros_like(alive)
    diagonal: list[Tensor] = []
    off_diagonal: list[Tensor] = []
    checks = _checks(min(int(torch.bincount(block).max()) + 20, MOST_ITERATIONS))
    last = checks[-1]
    for iteration in range(1, last + 1):
        image = matrix.times(vector)
        height = dot(vector, image)
        image = image - rows(height, block) * vector - rows(step, block) * before
        image = image - rows(dot(image, null), block) * null
        diagonal.append(torch.where(alive, height, size))  # an exhausted graph adds nothing at the low end
        step = dot(image, image).sqrt()
        alive = step > EXHAUSTED * size
        step = torch.where(alive, step, 0.0)
        if iteration in checks:
            smallest, error = _smallest(diagonal, off_diagonal, step)
            # of each graph what it has first found well enough: what else is in the batch changes nothing
            found = torch.where(settled, found, smallest)
            settled = settled | (error <= relative * smallest + absolute)
            if iteration == last or bool(settled.all()):
                return found.clamp(min=0)
        off_diagonal.append(step)
        before, vector = vector, image * rows(torch.where(alive, 1 / step, 0.0), block)
    raise AssertionError("unreachable: the last iteration is a check")


def _checks(most: int) -> list[int]:
    """Iterations at which convergence is checked: 5, then by thirds more, up to ``most``."""
    grown = accumulate(repeat(0, 40), lambda now, _: now + max(now // 3, 3), initial=5)
    return [*(now for now in grown if now < most), most]


def _smallest(diagonal: list[Tensor], off_diagonal: list[Tensor], step: Tensor) -> tuple[Tensor, Tensor]:
    """Smallest Ritz value of every graph and an estimate of its error.

    σ₂ lies between 0 and the Ritz value, so the error is at most the value itself; it is at most the residual r, and
    r² over the gap to the next eigenvalue (Parlett, The Symmetric Eigenvalue Problem, 1980, section 11.7), for which
    the next Ritz value stands in.
    """
    beside = torch.stack(off_diagonal, 1)
    tridiagonal = torch.stack(diagonal, 1).diag_embed() + beside.diag_embed(1) + beside.diag_embed(-1)
    values, vectors = torch.linalg.eigh(tridiagonal)
    smallest, second, *_ = values.unbind(1)
    ends = vectors.unbind(1)[-1]  # the last number of every vector
    residual = step * ends.unbind(1)[0].abs()
    gap = (second - smallest).clamp(min=torch.finfo(values.dtype).tiny)
    error = torch.minimum(residual, residual.square() / gap)
    return smallest, torch.minimum(error, smallest.abs())
