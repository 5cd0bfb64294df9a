"""CLEAR's matching: at IoU 0.5, pairs of the frame before are kept, the rest by largest summed IoU."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

from gnntrack.evaluation.assignment import EPS, MARGIN, TINY, components, solve, solve_tiny
from gnntrack.evaluation.scene import Layout, Overlaps

THRESHOLD = 0.5
#: What a pair that was matched in the frame before gains, as in TrackEval.
KEPT = 1000.0
NONE = -1


def match_clear(
    overlaps: Overlaps, layout: Layout, item: np.ndarray, name: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The result box that CLEAR matches with each annotation.

    An annotation and a result box that have no one else are matched, whatever went before. The others are solved
    frame by frame, in order of time, since what was matched before counts.

    Args:
        overlaps: pairs that overlap.
        layout: where each frame's rows lie.
        item: number of each annotation's object ``(N,)``.
        name: number of each result box's track ``(M,)``.

    Returns:
        Row of the result box, −1 where there is none ``(N,)``, and the IoU ``(N,)``.
    """
    pairs = overlaps.where(overlaps.iou >= THRESHOLD - EPS)
    matched, value = np.full(len(item), NONE), np.zeros(len(item))
    alone = np.bincount(pairs.truth, minlength=len(item))[pairs.truth] == 1
    alone &= np.bincount(pairs.track, minlength=len(name))[pairs.track] == 1
    matched[pairs.truth[alone]], value[pairs.truth[alone]] = pairs.track[alone], pairs.iou[alone]
    rest = pairs.where(~alone)
    if not len(rest):
        return matched, value
    before = _rows_before(layout, item)
    track_of = np.full(len(item) + 1, NONE)  # the last one is of "no row before"
    track_of[:-1][pairs.truth[alone]] = name[pairs.track[alone]]
    last_track = track_of.tolist()
    rows, columns, iou = rest.truth.tolist(), rest.track.tolist(), rest.iou.tolist()
    previous, candidate = before[rest.truth].tolist(), name[rest.track].tolist()
    margin = MARGIN * (KEPT + 1)
    for part in components(rest.truth, rest.track):
        # pairs of the frame before never exclude each other, and no sum of IoUs outweighs one
        found = [pair for pair in part if last_track[previous[pair]] == candidate[pair]]
        own, other = {rows[pair] for pair in found}, {columns[pair] for pair in found}
        free = [pair for pair in part if rows[pair] not in own and columns[pair] not in other]
        chosen = _solve(free, rows, columns, iou, margin)
        if chosen is None:
            number = int(np.searchsorted(layout.truth_starts, rows[part[0]], side="right")) - 1
            _solve_whole(number, pairs, layout, (before, name), last_track, matched, value)
            continue
        for pair in [*found, *chosen]:
            row = rows[pair]
            last_track[row], matched[row], value[row] = candidate[pair], columns[pair], iou[pair]
    return matched, value


def _solve(pairs: list[int], rows: list[int], columns: list[int], iou: list[float], margin: float) -> list[int] | None:
    """Those of the pairs that are matched; None where another matching is as good."""
    if len(pairs) < 2:
        return pairs
    own, other = ([values[pair] for pair in pairs] for values in (rows, columns))
    score = [iou[pair] for pair in pairs]
    if len(pairs) > TINY:
        found = solve(np.array(own), np.array(other), np.array(score), margin)
    else:
        found = solve_tiny(own, other, score, margin)
    return None if found is None else [pairs[place] for place in found]


def _solve_whole(
    number: int,
    pairs: Overlaps,
    layout: Layout,
    known: tuple[np.ndarray, np.ndarray],
    last_track: list[int],
    matched: np.ndarray,
    value: np.ndarray,
) -> None:
    """A frame with several best matchings, as TrackEval decides it: scipy on the whole matrix."""
    before, name = known
    truth, track = layout.truth_starts[number], layout.track_starts[number]
    low, high = np.searchsorted(pairs.truth, [truth, layout.truth_starts[number + 1]])
    rows, columns, iou = pairs.truth[low:high], pairs.track[low:high], pairs.iou[low:high]
    table = np.zeros((layout.truth_counts[number], layout.track_counts[number]))
    kept = np.array([last_track[row] for row in before[rows].tolist()]) == name[columns]
    table[rows - truth, columns - track] = KEPT * kept + iou
    found, partner = linear_sum_assignment(table, maximize=True)
    chosen = np.full(len(table), NONE)
    chosen[found] = partner
    wins = chosen[rows - truth] == columns - track
    everyone = slice(truth, truth + len(table))
    matched[everyone], value[everyone] = NONE, 0.0
    matched[rows[wins]], value[rows[wins]] = columns[wins], iou[wins]
    last_track[everyone] = np.where(matched[everyone] == NONE, NONE, name[matched[everyone]]).tolist()


def _rows_before(layout: Layout, item: np.ndarray) -> np.ndarray:
    """The same object's row in the frame before that has boxes on both sides; −1 where it has none ``(N,)``."""
    active = (layout.truth_counts > 0) & (layout.track_counts > 0)
    number = np.repeat(np.where(active, np.cumsum(active), 0), layout.truth_counts)
    order = np.argsort(item, kind="stable")
    order = order[number[order] > 0]
    goes_on = (np.diff(item[order]) == 0) & (np.diff(number[order]) == 1)
    before = np.full(len(item), NONE)
    before[order[1:][goes_on]] = order[:-1][goes_on]
    return before
