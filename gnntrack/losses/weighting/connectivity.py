"""Algebraic connectivity σ₂ of many graphs at once: how well a graph hangs together."""

from __future__ import annotations

import torch
from torch import Tensor

from gnntrack.losses.weighting.lanczos import second_smallest
from gnntrack.losses.weighting.laplacian import Laplacian, LaplacianKind, laplacian
from gnntrack.scatter import rows, scatter_sum

#: Graphs with up to this many nodes are solved densely; beyond it Lanczos iterations cost less.
DENSE_NODES = 64


def components(edge_index: Tensor, nodes: int) -> Tensor:
    """The smallest node number of the connected component of every node.

    Every node takes the smallest label among its neighbours, then its label's label, until nothing changes: a number of
    rounds that grows with the logarithm of the longest path, each of them one scatter.

    Args:
        edge_index: ``(2, M)``, any direction.
        nodes: N.

    Returns:
        ``(N,)`` int64.

    Example:
        ::

            0 - 2    1 - 3    4

        >>> components(torch.tensor([[0, 3], [2, 1]]), 5).tolist()
        [0, 1, 0, 1, 4]
    """
    first, second = edge_index
    label = torch.arange(nodes, device=edge_index.device)
    while True:
        smaller = label.scatter_reduce(0, first, rows(label, second), "amin")
        smaller = smaller.scatter_reduce(0, second, rows(smaller, first), "amin")
        smaller = rows(smaller, smaller)
        if torch.equal(smaller, label):
            return label
        label = smaller


@torch.no_grad()
def algebraic_connectivity(
    edge_index: Tensor,
    weight: Tensor,
    graph_of_node: Tensor,
    graphs: int,
    *,
    kind: LaplacianKind = "combinatorial",
    relative: float = 1e-9,
    absolute: float = 0.0,
    start: Tensor | None = None,
    dense_nodes: int = DENSE_NODES,
) -> Tensor:
    """Second smallest eigenvalue of every graph's Laplacian, without gradient, in float64.

    Exactly 0 where the graph is disconnected (found by its components, not by an eigenvalue that came out small:
    Krylov methods return a positive value there) and where it has fewer than two nodes. Small graphs are solved
    densely, all at once; large ones by Lanczos iterations with the null vector projected out, all at once.

    Args:
        edge_index: ``(2, M)``, every undirected edge once (see :func:`gnntrack.losses.weighting.laplacian.laplacian`).
        weight: ``(M,)`` not negative; edges of weight 0 are no edges.
        graph_of_node: ``(N,)``.
        graphs: number of graphs.
        kind: which Laplacian.
        relative: Lanczos stops when the estimated error is below ``relative · σ₂ + absolute``.
        absolute: see ``relative``.
        start: ``(N,)`` where Lanczos starts; a smooth function of the nodes' places is a good guess, and one that does
            not depend on the order of the nodes makes the result independent of it too. Default: fixed pseudo-random
            numbers.
        dense_nodes: graphs with up to this many nodes are solved densely.

    Returns:
        ``(graphs,)`` float64.

    Example:
        A path of three nodes has σ₂ = 1; two lone nodes are disconnected::

            0 - 1 - 2        3   4

        >>> edges = torch.tensor([[0, 1], [1, 2]])
        >>> algebraic_connectivity(edges, torch.ones(2), torch.tensor([0, 0, 0, 1, 1]), 2).round(decimals=6).tolist()
        [1.0, 0.0]
    """
    nodes, device = len(graph_of_node), graph_of_node.device
    result = torch.zeros(graphs, dtype=torch.float64, device=device)
    weight = weight.to(torch.float64)
    if not bool((weight > 0).all()):
        edge_index, weight = edge_index[:, weight > 0], weight[weight > 0]
    count = scatter_sum(torch.ones_like(graph_of_node), graph_of_node, graphs)
    is_root = components(edge_index, nodes) == torch.arange(nodes, device=device)
    parts = scatter_sum(is_root.to(torch.int64), graph_of_node, graphs)
    connected = (parts == 1) & (count >= 2)
    matrix = laplacian(edge_index, weight, nodes, kind)
    if start is None:
        generator = torch.Generator().manual_seed(0)
        start = torch.randn(nodes, dtype=torch.float64, generator=generator).to(device)
    small = connected & (count <= dense_nodes)
    large = connected & (count > dense_nodes)
    if bool(small.any()):
        result[small] = _dense(*_subset(matrix, graph_of_node, small))
    if bool(large.any()):
        part, block, blocks = _subset(matrix, graph_of_node, large)
        guess = start.to(torch.float64)[large[graph_of_node]]
        guess = guess * part.null  # eigenvectors of the normalised Laplacian carry the roots of the degrees
        result[large] = second_smallest(part, block, blocks, guess, relative, absolute)
    return result


def _subset(matrix: Laplacian, graph_of_node: Tensor, chosen: Tensor) -> tuple[Laplacian, Tensor, int]:
    """The Laplacian of the chosen graphs alone, the graph of each of its nodes, and how many graphs they are."""
    if bool(chosen.all()):
        return matrix, graph_of_node, len(chosen)
    used = chosen[graph_of_node]
    place = used.cumsum(0) - 1
    block = (chosen.cumsum(0) - 1)[graph_of_node[used]]
    kept = used[matrix.pairs[0]]
    part = Laplacian(matrix.diagonal[used], place[matrix.pairs[:, kept]], matrix.values[kept], matrix.null[used])
    return part, block, int(chosen.sum())


def _dense(matrix: Laplacian, block: Tensor, blocks: int) -> Tensor:
    """Second smallest eigenvalues by one batched dense solve; empty places get a large eigenvalue of their own."""
    count = torch.bincount(block, minlength=blocks)
    order = torch.argsort(block, stable=True)
    rank = torch.empty_like(order)
    rank[order] = torch.arange(len(order), device=order.device) - (count.cumsum(0) - count)[block[order]]
    width = int(count.max())
    full = (4 * matrix.diagonal.max() + 1) * torch.eye(width, dtype=matrix.diagonal.dtype, device=order.device)
    full = full.repeat(blocks, 1, 1)
    full[block, rank, rank] = matrix.diagonal
    first, second = matrix.pairs
    for row, column in ((first, second), (second, first)):
        full.index_put_((block[row], rank[row], rank[column]), -matrix.values, accumulate=True)
    values: Tensor = torch.linalg.eigvalsh(full)  # ascending
    _, second, *_ = values.unbind(1)
    return second.clamp(min=0)
