"""Laplacian spectra of window graphs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, laplacian
from scipy.sparse.linalg import eigsh

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
    one_way = csr_array((np.ones(edges.shape[1]), (edges[0], edges[1])), (count, count))
    adjacency = one_way.maximum(one_way.T)
    components, _ = connected_components(adjacency, directed=False)
    matrix = laplacian(adjacency)
    if count <= _DENSE:
        values = np.linalg.eigvalsh(matrix.toarray())
    else:
        start = np.random.default_rng(0).normal(size=count)  # the same vector each time: the same figures each time
        few = min(_SHOWN, count - 1)
        low = eigsh(matrix.tocsc(), k=few, sigma=-0.01, which="LM", v0=start, return_eigenvectors=False)
        high = eigsh(matrix, k=1, which="LA", v0=start, return_eigenvectors=False)
        values = np.concatenate([np.sort(low), high])
    values = values.clip(min=0)
    values[:components] = 0.0
    connectivity = float(values[1]) if components == 1 and count > 1 else 0.0
    return Spectrum(int(components), connectivity, values[:_SHOWN].tolist(), float(values[-1]))


def frame_connectivity(edges: np.ndarray, frame: np.ndarray) -> np.ndarray:
    """σ₂ of the neighbour graph of every frame with at least two boxes, in order of time.

    A window's spatial graph is disconnected between frames by construction, so its frames are looked at one by one.

    Args:
        edges: ``(2, S)`` neighbours within frames.
        frame: ``(N,)`` ascending.
    """
    values = []
    numbers, start, count = np.unique(frame, return_index=True, return_counts=True)
    first_edge = np.searchsorted(edges[0], start) if edges.shape[1] else np.zeros(len(numbers), dtype=int)
    last_edge = np.searchsorted(edges[0], start + count) if edges.shape[1] else first_edge
    for low, size, begin, end in zip(start, count, first_edge, last_edge, strict=True):
        if size >= 2:
            values.append(spectrum(edges[:, begin:end] - low, int(size)).connectivity)
    return np.array(values)
