"""IDF1's matching: each object and track paired for the whole video, so that most boxes agree."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, min_weight_full_bipartite_matching

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
    keys, shared = np.unique(item[pairs.truth].astype(np.int64) * width + name[pairs.track], return_counts=True)
    row, column, shared, total = _settle(*np.divmod(keys, width), shared)
    if not len(row):
        return total
    rows, row = np.unique(row, return_inverse=True)
    columns, column = np.unique(column, return_inverse=True)
    size = len(rows) + len(columns)
    graph = coo_array((np.ones(len(row)), (row, column + len(rows))), shape=(size, size))
    label = connected_components(graph, directed=False)[1]
    order = np.argsort(label[row], kind="stable")
    starts = np.flatnonzero(np.diff(label[row][order], prepend=-1))
    return total + sum(_solve(row[part], column[part], shared[part]) for part in np.split(order, starts[1:]))


def _settle(row: np.ndarray, column: np.ndarray, shared: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Takes out pairs that share no less than the best others of both together: some best pairing has them."""
    total = 0
    while len(row):
        best_row = _best_other(row, shared)
        best_column = _best_other(column, shared)
        wins = best_row + best_column <= shared
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


def _best_other(group: np.ndarray, value: np.ndarray) -> np.ndarray:
    """The best other value in each one's group; 0 where it is alone."""
    order = np.lexsort((-value, group))
    ordered, sorted_value = group[order], value[order]
    first = np.diff(ordered, prepend=-1) != 0
    start = np.flatnonzero(first)
    second = np.where(np.append(first[1:], True)[start], 0, sorted_value[np.minimum(start + 1, len(value) - 1)])
    number = np.cumsum(first) - 1
    other = np.empty_like(value)
    other[order] = np.where(first, second[number], sorted_value[start][number])
    return other


def _solve(row: np.ndarray, column: np.ndarray, shared: np.ndarray) -> int:
    """The largest sum of one component."""
    row = np.unique(row, return_inverse=True)[1]
    column = np.unique(column, return_inverse=True)[1]
    height, width = int(row.max()) + 1, int(column.max()) + 1
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
