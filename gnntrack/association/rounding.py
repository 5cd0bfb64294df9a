"""From link probabilities to links: at most one in and one out of every box."""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from gnntrack.association.assignment import best_of_parts

Rounding = Literal["exact", "greedy"]
#: Cells of the largest table of links that hang together which is solved as a table.
LARGEST_TABLE = 10_000.0


def round_links(
    edges: np.ndarray, probability: np.ndarray, threshold: float = 0.5, method: Rounding = "exact"
) -> np.ndarray:
    """Chooses the links that maximise Σ (p − threshold), at most one in and one out of each box.

    With threshold 0.5 this maximises the design's Σ (2p − 1)·z. ``exact`` is a maximum-weight bipartite matching of
    out-ports to in-ports; ``greedy`` takes the best remaining link again and again, in vectorised sweeps.

        a ──.9── c        exact: a → d and b → c (.8 + .8)
          ╲    ╱          greedy: a → c (.9), then nothing better than .1 is left for b
           .8 .8
          ╱    ╲
        b ──.1── d

    Args:
        edges: ``(2, E)`` candidate links.
        probability: ``(E,)``.
        threshold: links must be more probable than this.
        method: ``exact`` or ``greedy``.

    Returns:
        ``(E,)`` bool: the chosen links.

    Example:
        >>> edges = np.array([[0, 0, 1, 1], [2, 3, 2, 3]])
        >>> round_links(edges, np.array([0.9, 0.8, 0.8, 0.1])).tolist()
        [False, True, True, False]
        >>> round_links(edges, np.array([0.9, 0.8, 0.8, 0.1]), method="greedy").tolist()
        [True, False, False, False]
    """
    gain = np.asarray(probability, dtype=float) - threshold
    positive = np.flatnonzero(gain > 0)  # no other link can be part of the optimum
    chosen = np.zeros(len(gain), dtype=bool)
    if method == "exact":
        chosen[positive[_exact(edges[:, positive], gain[positive])]] = True
        return chosen
    out_degree, in_degree = (np.bincount(ports[positive], minlength=1) for ports in edges)
    unrivalled = (out_degree[edges[0, positive]] == 1) & (in_degree[edges[1, positive]] == 1)
    chosen[positive[unrivalled]] = True
    contested = positive[~unrivalled]
    if len(contested):
        chosen[contested[_greedy(edges[:, contested], gain[contested])]] = True
    return chosen


def _exact(edges: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """Which links ``(E,)`` are a maximum-weight matching: small parts by a table each, the others as one matrix."""
    chosen, left = best_of_parts(np.ascontiguousarray(edges), gain, LARGEST_TABLE)
    rows = np.flatnonzero(left)
    if len(rows):
        chosen[rows[_sparse(edges[:, rows], gain[rows])]] = True
    return chosen


def _sparse(edges: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """Positions of the links of a maximum-weight matching."""
    _, out_port = np.unique(edges[0], return_inverse=True)
    _, in_port = np.unique(edges[1], return_inverse=True)
    outs, ins = int(out_port.max()) + 1, int(in_port.max()) + 1
    # every out-port has a private spare in-port of gain 0, so that a full matching exists; each out-port is matched
    # exactly once, so adding the same cost to all its edges changes nothing and keeps the explicit weights above 0
    highest = float(gain.max()) + 1.0
    rows = np.concatenate([out_port, np.arange(outs)])
    columns = np.concatenate([in_port, ins + np.arange(outs)])
    cost = np.concatenate([highest - gain, np.full(outs, highest)])
    matched_rows, matched_columns = min_weight_full_bipartite_matching(
        csr_array((cost, (rows, columns)), (outs, ins + outs))
    )
    real = matched_columns < ins
    code = out_port * np.int64(ins) + in_port
    return np.flatnonzero(np.isin(code, matched_rows[real] * np.int64(ins) + matched_columns[real]))


def _greedy(edges: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """Positions of the links that a best-first choice takes; ties go to the earlier edge."""
    order = np.lexsort([np.arange(len(gain)), -gain])  # best first
    _, source = np.unique(edges[0], return_inverse=True)
    _, target = np.unique(edges[1], return_inverse=True)
    left, taken = order, []
    while len(left):
        # a link that is the best of both its boxes is taken whatever happens elsewhere
        _, best_out = np.unique(source[left], return_index=True)
        _, best_in = np.unique(target[left], return_index=True)
        now = left[np.intersect1d(best_out, best_in)]
        taken.append(now)
        left = left[~(np.isin(source[left], source[now]) | np.isin(target[left], target[now]))]
    return np.concatenate(taken)


def identities_from_links(edges: np.ndarray, count: int) -> np.ndarray:
    """Identities, from 1 in order of first appearance, of boxes joined by links: ``(count,)`` int64.

    Args:
        edges: ``(2, L)`` links, past to future, at most one in and one out of each box.
        count: number of boxes, sorted by time.

    Example:
        >>> identities_from_links(np.array([[0, 1], [2, 3]]), 5).tolist()
        [1, 2, 1, 2, 3]
    """
    from scipy.sparse.csgraph import connected_components

    graph = csr_array((np.ones(edges.shape[1]), (edges[0], edges[1])), (count, count))
    _, component = connected_components(graph, directed=False)
    _, first, inverse = np.unique(component, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(1, len(first) + 1)
    return rank[inverse]
