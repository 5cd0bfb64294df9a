"""Exact one-to-one matching of boxes, all frames at once; ties as scipy decides them on a frame's whole matrix."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from scipy.optimize import linear_sum_assignment

from gnntrack.evaluation.scene import Layout, Overlaps

#: Two matchings whose sums differ by less, as a share of the largest score, are taken for a tie.
MARGIN = 1e-12
#: Rounding that thresholds forgive, as in TrackEval.
EPS = float(np.finfo(float).eps)


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
    frame = np.searchsorted(layout.truth_starts, truth[open_], side="right") - 1
    row, column = local_numbers(truth[open_], frame), local_numbers(track[open_], frame)
    for part in runs(frame):
        found = solve(row[part], column[part], score[open_[part]], margin)
        if found is not None:
            chosen[open_[part][found]] = True
            continue
        number = int(frame[part.start])
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


def runs(group: np.ndarray) -> list[slice]:
    """The stretches of equal numbers."""
    starts = np.flatnonzero(np.diff(group, prepend=-1)).tolist()
    return [slice(first, last) for first, last in pairwise([*starts, len(group)])]


def solve(row: np.ndarray, column: np.ndarray, score: np.ndarray, margin: float) -> np.ndarray | None:
    """The matched pairs of one small problem ``(K,)`` bool; None where another matching is as good.

    Args:
        row: of each pair, from 0 without gaps ``(K,)``.
        column: of each pair, from 0 without gaps ``(K,)``.
        score: above 0 ``(K,)``.
        margin: what counts as equally good.
    """
    table = np.zeros((int(row.max()) + 1, int(column.max()) + 1))
    table[row, column] = score
    found = _best(table, row, column)
    # were another matching as good, it would win once these pairs are worth a little less
    table[row[found], column[found]] -= margin
    return found if np.array_equal(found, _best(table, row, column)) else None


def _best(table: np.ndarray, row: np.ndarray, column: np.ndarray) -> np.ndarray:
    rows, columns = linear_sum_assignment(table, maximize=True)
    partner = np.full(len(table), -1)
    partner[rows] = columns
    return partner[row] == column


def _settle(truth: np.ndarray, track: np.ndarray, score: np.ndarray, margin: float) -> tuple[np.ndarray, np.ndarray]:
    """Pairs that stay open, and those that are part of every best matching: two arrays of positions."""
    open_, settled = np.arange(len(score)), []
    low = int(track.min())
    row_taken, column_taken = np.zeros(int(truth[-1] - truth[0]) + 1, bool), np.zeros(int(track.max()) - low + 1, bool)
    while len(open_):
        value = score[open_]
        in_row = _best_other(truth[open_], value)
        order = np.argsort(track[open_], kind="stable")
        in_column = np.empty_like(value)
        in_column[order] = _best_other(track[open_][order], value[order])
        wins = in_row + in_column < value - margin
        if not wins.any():
            break
        won = open_[wins]
        settled.append(won)
        row_taken[truth[won] - truth[0]] = column_taken[track[won] - low] = True
        open_ = open_[~(row_taken[truth[open_] - truth[0]] | column_taken[track[open_] - low])]
    return open_, np.concatenate(settled) if settled else np.zeros(0, dtype=np.int64)


def _best_other(group: np.ndarray, value: np.ndarray) -> np.ndarray:
    """The best other value in each one's group, whose members lie side by side; 0 where it is alone."""
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    number = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(group))))
    best = np.maximum.reduceat(value, starts)[number]
    is_best = value == best
    second = np.maximum.reduceat(np.where(is_best, 0.0, value), starts)
    several = np.add.reduceat(is_best.astype(np.int64), starts) > 1
    return np.where(is_best & ~several[number], second[number], best)


def local_numbers(rows: np.ndarray, frame: np.ndarray) -> np.ndarray:
    """Rows numbered anew within their frame, from 0 without gaps; frames ascend, and so do the rows of each side."""
    number = np.unique(rows, return_inverse=True)[1]
    starts = np.flatnonzero(np.diff(frame, prepend=-1))
    if not len(starts):
        return number
    return number - np.repeat(np.minimum.reduceat(number, starts), np.diff(np.append(starts, len(frame))))
