"""IDF1's matching: each object and track paired for the whole video, so that most boxes agree."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from gnntrack.evaluation.assignment import best_other, components
from gnntrack.evaluation.numbers import numbered
from gnntrack.evaluation.scene import Overlaps

THRESHOLD = 0.5
#: Components with more cells are solved as sparse problems.
DENSE = 1 << 22


def identity_true_positives(overlaps: Overlaps, item: np.ndarray, name: np.ndarray) -> int:
    """The most boxes that agree under any one-to-one pairing of objects and tracks.

    The graph of objects and tracks that share a box of IoU 0.5 falls apart into small components, each a problem of
    its own.

    Args:
        overlaps: pairs that overlap.
        item: number of each annotation's object ``(N,)``.
        name: number of each result box's track ``(M,)``.
    """
    pairs = overlaps.where(overlaps.iou >= THRESHOLD)  # no tolerance here, as in TrackEval
    if not len(pairs):
        return 0
    width = int(name.max()) + 1
    keys, number = numbered(item[pairs.truth].astype(np.int64) * width + name[pairs.track])
    shared = np.bincount(number)
    row, column, shared, total = _settle(*np.divmod(keys, width), shared)
    if not len(row):
        return total
    return total + sum(_solve(row[part], column[part], shared[part]) for part in components(row, column))


def _settle(row: np.ndarray, column: np.ndarray, shared: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Takes out pairs that share no less than the best others of both together: some best pairing has them."""
    total = 0
    while len(row):
        wins = best_other(row, shared) + best_other(column, shared) <= shared
        # among equals that exclude each other, the first of each object, then of each track
        won = np.flatnonzero(wins)
        won = won[np.unique(row[won], return_index=True)[1]]
        won = won[np.unique(column[won], return_index=True)[1]]
        if not len(won):
            break
        total += int(shared[won].sum())
        rest = ~(np.isin(row, row[won]) | np.isin(column, column[won]))
        row, column, shared = row[rest], column[rest], shared[rest]
    return row, column, shared, total


def _solve(row: np.ndarray, column: np.ndarray, shared: np.ndarray) -> int:
    """The largest sum of one component."""
    rows, row = numbered(row)
    columns, column = numbered(column)
    height, width = len(rows), len(columns)
    if height * width <= DENSE:
        table = np.zeros((height, width))
        table[row, column] = shared
        return int(table[linear_sum_assignment(table, maximize=True)].sum())
    # every object may stay alone, with a column of its own: the sparse solver wants all rows matched, weights above 0
    alone = np.arange(height)
    weights = np.concatenate([shared + 1.0, np.ones(height)])
    places = (np.concatenate([row, alone]), np.concatenate([column, width + alone]))
    graph = coo_array((weights, places), shape=(height, width + height)).tocsr()
    found = min_weight_full_bipartite_matching(graph, maximize=True)
    return int(graph[found].sum()) - height
