"""Laplacian spectra of window graphs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, laplacian
from scipy.sparse.linalg import eigsh

from gnntrack.losses.weighting.connectivity import algebraic_connectivity

_DENSE = 250  # nodes; above, only the ends of the spectrum are computed
_SHOWN = 8


@dataclass(frozen=True)
class Spectrum:
    """The spectrum of an unweighted, undirected graph's Laplacian D − A.

    Attributes:
        components: connected components, which is the number of eigenvalues 0.
        connectivity: σ₂, the second smallest eigenvalue (algebraic connectivity); 0 for more than one component, and
            for fewer than two nodes.
        smallest: the first few eigenvalues, ascending.
        largest: the last one.
    """

    components: int
    connectivity: float
    smallest: list[float]
    largest: float


def spectrum(edges: np.ndarray, count: int) -> Spectrum:
    """The spectrum of the graph of ``edges (2, E)`` on ``count`` nodes, directions ignored.

    Components are counted first: on a disconnected graph Lanczos may return a positive σ₂ where the truth is 0.

    Example:
        >>> path = spectrum(np.array([[0, 1], [1, 2]]), 3)  # 0 ── 1 ── 2
        >>> path.components, [round(value, 6) for value in path.smallest]
        (1, [0.0, 1.0, 3.0])
    """
    if count == 0:
        return Spectrum(0, 0.0, [], 0.0)
    pairs = _pairs(edges)
    one_way = csr_array((np.ones(pairs.shape[1]), (pairs[0], pairs[1])), (count, count))
    adjacency = one_way + one_way.T
    components, _ = connected_components(adjacency, directed=False)
    matrix = laplacian(adjacency).tocsc()
    if count <= _DENSE:
        values = np.linalg.eigvalsh(matrix.toarray())
    else:
        start = np.random.default_rng(0).normal(size=count)  # the same vector each time: the same figures each time
        low = eigsh(matrix, k=_SHOWN, sigma=-0.01, which="LM", v0=start, return_eigenvectors=False)
        high = eigsh(matrix, k=1, which="LA", v0=start, tol=1e-9, return_eigenvectors=False)
        values = np.concatenate([np.sort(low), high])
    smallest = values[:_SHOWN].clip(min=0)
    smallest[:components] = 0.0
    (connectivity,) = _connectivity(pairs, np.zeros(count, dtype=np.int64), 1)
    return Spectrum(int(components), float(connectivity), smallest.tolist(), max(0.0, float(values[-1])))


def frame_connectivity(edges: np.ndarray, frame: np.ndarray) -> np.ndarray:
    """σ₂ of the neighbour graph of every frame with at least two boxes, in order of time.

    A window's spatial graph is disconnected between frames by construction, so its frames are analysed one by one.

    Args:
        edges: ``(2, S)`` neighbours within frames.
        frame: ``(N,)``.
    """
    _, place, count = np.unique(frame, return_inverse=True, return_counts=True)
    return _connectivity(_pairs(edges), place, len(count))[count >= 2]


def frame_eigenvalues(edges: np.ndarray, frame: np.ndarray) -> np.ndarray:
    """The eigenvalues of the neighbour graphs of all frames: together the spatial graph's spectrum, ascending.

    Args:
        edges: ``(2, S)`` neighbours within frames, sorted by source.
        frame: ``(N,)`` ascending.
    """
    pairs = _pairs(edges)
    _, start, count = np.unique(frame, return_index=True, return_counts=True)
    first, last = np.searchsorted(pairs[0], [start, start + count])
    values = [np.zeros(0)]
    for low, size, begin, end in zip(start, count, first, last, strict=True):
        adjacency = np.zeros((size, size))
        one, two = pairs[:, begin:end] - low
        adjacency[one, two] = adjacency[two, one] = 1.0
        values.append(np.linalg.eigvalsh(np.diag(adjacency.sum(0)) - adjacency))
    return np.sort(np.concatenate(values)).clip(min=0)


def _connectivity(pairs: np.ndarray, graph: np.ndarray, graphs: int) -> np.ndarray:
    """σ₂ of many graphs at once, by the function that the loss weighs its terms with."""
    weight = torch.ones(pairs.shape[1], dtype=torch.float64)
    result: np.ndarray = algebraic_connectivity(
        torch.from_numpy(pairs), weight, torch.from_numpy(graph), graphs
    ).numpy()
    return result


def _pairs(edges: np.ndarray) -> np.ndarray:
    """Every undirected edge once, without loops: ``(2, M)`` int64."""
    low, high = np.sort(edges[:, edges[0] != edges[1]].astype(np.int64), axis=0)
    span = int(high.max(initial=0)) + 1
    return np.stack(np.divmod(np.unique(low * span + high), span))
