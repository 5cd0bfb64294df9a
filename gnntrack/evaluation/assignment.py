"""Exact one-to-one matching of boxes, all frames at once; ties as scipy decides them on a frame's whole matrix."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gnntrack.evaluation.numbers import numbered
from gnntrack.evaluation.scene import Layout, Overlaps

#: Two matchings whose sums differ by less, as a share of the largest score, are taken for a tie.
MARGIN = 1e-12
#: Rounding that thresholds forgive, as in TrackEval.
EPS = float(np.finfo(float).eps)
#: Problems of so few pairs are solved by trying everything.
TINY = 5


def assign(
    layout: Layout, truth: np.ndarray, track: np.ndarray, score: np.ndarray, whole: Callable[[int], np.ndarray]
) -> np.ndarray:
    """Which pairs are matched: those one-to-one pairs of each frame whose summed score is largest ``(P,)`` bool.

    Most pairs are decided without solving anything: one whose score exceeds the best other score of its annotation
    plus the best other of its result box is part of every best matching. What is left of a frame is a small
    assignment problem. Where two matchings are equally good, the one counts that scipy finds on the frame's whole
    matrix, as TrackEval calls it.

    Args:
        layout: where each frame's rows lie.
        truth: row of the annotation of each pair, ascending ``(P,)``.
        track: row of the result box ``(P,)``.
        score: above 0 ``(P,)``.
        whole: number of a frame (position in ``layout.frames``) to its matrix of scores, annotations × result boxes.
    """
    chosen = np.zeros(len(score), dtype=bool)
    if not len(score):
        return chosen
    margin = MARGIN * max(1.0, float(score.max()))
    open_, settled = _settle(truth, track, score, margin)
    chosen[settled] = True
    rows, columns, scores = truth[open_], track[open_], score[open_]
    row_list, column_list, score_list = rows.tolist(), columns.tolist(), scores.tolist()
    won: list[int] = []
    tied = []
    for part in components(rows, columns):
        if len(part) > TINY:
            found = solve(rows[part], columns[part], scores[part], margin)
        else:
            own, other = [row_list[pair] for pair in part], [column_list[pair] for pair in part]
            found = solve_tiny(own, other, [score_list[pair] for pair in part], margin)
        if found is None:
            tied.append(row_list[part[0]])
        else:
            won += [part[pair] for pair in found]
    chosen[open_[won]] = True
    for row in tied:
        number = int(np.searchsorted(layout.truth_starts, row, side="right")) - 1
        low, high = np.searchsorted(truth, layout.truth_starts[[number, number + 1]])
        rows, columns = linear_sum_assignment(whole(number), maximize=True)
        partner = np.full(layout.truth_counts[number], -1)
        partner[rows] = columns
        here = partner[truth[low:high] - layout.truth_starts[number]]
        chosen[low:high] = here == track[low:high] - layout.track_starts[number]
    return chosen


def match_overlaps(overlaps: Overlaps, layout: Layout, threshold: float = 0.5) -> Overlaps:
    """Pairs that are matched one to one so that each frame's summed IoU is largest, among pairs that reach a threshold.

    Args:
        overlaps: pairs that overlap.
        layout: where each frame's rows lie.
        threshold: smallest IoU, but for rounding.
    """
    pairs = overlaps.where(overlaps.iou >= threshold - EPS)

    def whole(number: int) -> np.ndarray:
        truth, track = layout.truth_starts[number], layout.track_starts[number]
        low, high = np.searchsorted(pairs.truth, [truth, layout.truth_starts[number + 1]])
        table = np.zeros((layout.truth_counts[number], layout.track_counts[number]))
        table[pairs.truth[low:high] - truth, pairs.track[low:high] - track] = pairs.iou[low:high]
        return table

    return pairs.where(assign(layout, pairs.truth, pairs.track, pairs.iou, whole))


def components(truth: np.ndarray, track: np.ndarray) -> list[list[int]]:
    """Positions of the pairs of each problem of its own, in order of time: pairs that are linked by shared boxes.

    Args:
        truth: row of the annotation of each pair, ascending ``(P,)``.
        track: row of the result box ``(P,)``.
    """
    rows, row = numbered(truth)
    columns, column = numbered(track)
    size = len(rows) + len(columns)
    graph = coo_array((np.ones(len(row), dtype=np.int8), (row, column + len(rows))), shape=(size, size))
    label = connected_components(graph, directed=False)[1][row]  # numbered by their first row
    order = np.argsort(label, kind="stable")
    positions = order.tolist()
    return [positions[part] for part in runs(label[order])]


def runs(group: np.ndarray) -> list[slice]:
    """The stretches of equal numbers."""
    starts = np.flatnonzero(np.diff(group, prepend=-1)).tolist()
    return [slice(first, last) for first, last in pairwise([*starts, len(group)])]


def solve(row: np.ndarray, column: np.ndarray, score: np.ndarray, margin: float) -> list[int] | None:
    """The positions of the matched pairs of one problem; None where another matching is as good.

    Args:
        row: of each pair ``(K,)``.
        column: of each pair ``(K,)``.
        score: above 0 ``(K,)``.
        margin: what counts as equally good.
    """
    rows, row = numbered(row)
    columns, column = numbered(column)
    table = np.zeros((len(rows), len(columns)))
    table[row, column] = score
    found = _best(table, row, column)
    # another matching that is as good would win once these pairs score a little less
    table[row[found], column[found]] -= margin
    return np.flatnonzero(found).tolist() if (found == _best(table, row, column)).all() else None


def _best(table: np.ndarray, row: np.ndarray, column: np.ndarray) -> np.ndarray:
    rows, columns = linear_sum_assignment(table, maximize=True)
    if len(rows) == len(table):
        return columns[row] == column
    partner = np.full(len(table), -1)
    partner[rows] = columns
    return partner[row] == column


def solve_tiny(row: list[int], column: list[int], score: list[float], margin: float) -> list[int] | None:
    """The same for a few pairs, by trying every set that is allowed."""
    if len(score) == 2 and (row[0] == row[1] or column[0] == column[1]):
        return None if abs(score[0] - score[1]) <= margin else [int(score[1] > score[0])]
    sets: list[tuple[float, list[int]]] = [(0.0, [])]
    for number, value in enumerate(score):
        own, other = row[number], column[number]
        sets += [
            (total + value, [*pairs, number])
            for total, pairs in sets
            if not any(row[pair] == own or column[pair] == other for pair in pairs)
        ]
    sets.sort(reverse=True)
    return sets[0][1] if sets[0][0] - sets[1][0] > margin else None


def _settle(truth: np.ndarray, track: np.ndarray, score: np.ndarray, margin: float) -> tuple[np.ndarray, np.ndarray]:
    """Pairs that stay open, and those that are part of every best matching: two arrays of positions."""
    open_, settled = np.flatnonzero(score > margin), []  # lower scores decide nothing
    truth, track = truth - truth[0], track - track.min()
    row_taken, column_taken = np.zeros(int(truth[-1]) + 1, bool), np.zeros(int(track.max()) + 1, bool)
    while len(open_):
        row, column, value = truth[open_], track[open_], score[open_]
        wins = best_other(row, value) + best_other(column, value) < value - margin
        if not wins.any():
            break
        settled.append(open_[wins])
        row_taken[row[wins]] = column_taken[column[wins]] = True
        open_ = open_[~(row_taken[row] | column_taken[column])]
    return open_, np.concatenate(settled) if settled else np.zeros(0, dtype=np.int64)


def best_other(group: np.ndarray, value: np.ndarray) -> np.ndarray:
    """The best other value in each one's group; 0 where it is alone. Groups are small numbers, values above 0."""
    size = int(group.max()) + 1
    best, second = np.zeros(size, value.dtype), np.zeros(size, value.dtype)
    np.maximum.at(best, group, value)
    is_best = value == best[group]
    np.maximum.at(second, group, np.where(is_best, 0, value))
    shared = np.bincount(group, is_best, size) > 1
    return np.where(is_best & ~shared[group], second[group], best[group])
