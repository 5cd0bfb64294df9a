"""Algebraic connectivity σ₂ of many graphs at once: how well a graph hangs together."""

from __future__ import annotations

import torch
from torch import Tensor

from gnntrack.losses.lanczos import second_smallest
from gnntrack.losses.laplacian import Laplacian, LaplacianKind, laplacian
from gnntrack.scatter import scatter_sum

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
    first = torch.cat([edge_index[0], edge_index[1]])
    second = torch.cat([edge_index[1], edge_index[0]])
    label = torch.arange(nodes, device=edge_index.device)
    while True:
        smaller = label.scatter_reduce(0, first, label[second], "amin")
        smaller = smaller[smaller]
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
        edge_index: ``(2, M)``, every undirected edge once (see :func:`gnntrack.losses.laplacian.laplacian`).
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
    edge_index, weight = edge_index[:, weight > 0], weight[weight > 0].to(torch.float64)
    count = scatter_sum(torch.ones_like(graph_of_node), graph_of_node, graphs)
    is_root = components(edge_index, nodes) == torch.arange(nodes, device=device)
    parts = scatter_sum(is_root.to(torch.int64), graph_of_node, graphs)
    connected = (parts == 1) & (count >= 2)
    matrix = laplacian(edge_index, weight, nodes, kind)
    if start is None:
        generator = torch.Generator().manual_seed(0)
        start = torch.randn(nodes, dtype=torch.float64, generator=generator).to(device)
    rank = _rank_in_graph(graph_of_node, count)
    for chosen, dense in ((connected & (count <= dense_nodes), True), (connected & (count > dense_nodes), False)):
        which = chosen.nonzero()[:, 0]
        if not len(which):
            continue
        width = int(count[which].max())
        block = torch.full((graphs,), -1, device=device).index_put((which,), torch.arange(len(which), device=device))
        place = torch.where(block[graph_of_node] >= 0, block[graph_of_node] * width + rank, -1)
        part = _select(matrix, place, len(which) * width)
        if dense:
            result[which] = _dense(part, place, len(which), width)
        else:
            guess = torch.zeros_like(part.diagonal).index_put((place[place >= 0],), start[place >= 0].double())
            guess = guess * part.null  # eigenvectors of the normalised Laplacian carry the roots of the degrees
            result[which] = second_smallest(part, guess.reshape(len(which), width), relative, absolute)
    return result


def _rank_in_graph(graph_of_node: Tensor, count: Tensor) -> Tensor:
    """The number of every node within its own graph."""
    order = torch.argsort(graph_of_node, stable=True)
    first = count.cumsum(0) - count
    rank = torch.empty_like(order)
    rank[order] = torch.arange(len(order), device=order.device) - first[graph_of_node[order]]
    return rank


def _select(matrix: Laplacian, place: Tensor, size: int) -> Laplacian:
    """The Laplacian of the nodes that have a place, in the order of the places; places without a node are zero rows."""
    used = place >= 0
    kept = used[matrix.pairs[0]]
    diagonal, null = matrix.diagonal.new_zeros((2, size)).unbind()
    diagonal[place[used]], null[place[used]] = matrix.diagonal[used], matrix.null[used]
    return Laplacian(diagonal, place[matrix.pairs[:, kept]], matrix.values[kept], null)


def _dense(matrix: Laplacian, place: Tensor, graphs: int, width: int) -> Tensor:
    """Second smallest eigenvalues by one batched dense solve; empty places get a large eigenvalue of their own."""
    full = matrix.diagonal.new_zeros(graphs * width * width)
    first, second = matrix.pairs
    column = torch.arange(graphs * width, device=full.device)
    empty = torch.ones_like(matrix.diagonal).index_fill(0, place[place >= 0], 0.0)
    beyond = 4 * matrix.diagonal.max() + 1
    full.index_add_(0, column * width + column % width, matrix.diagonal + empty * beyond)
    full.index_add_(0, first * width + second % width, -matrix.values)
    full.index_add_(0, second * width + first % width, -matrix.values)
    values: Tensor = torch.linalg.eigvalsh(full.reshape(graphs, width, width))
    return values[:, 1].clamp(min=0)
