"""The features of candidate links, compiled: one pass over links that are sorted by source, then target."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gnntrack.compiled import compiled
from gnntrack.geometry.boxes import X, Y
from gnntrack.geometry.compiled_boxes import corner_overlap_of
from gnntrack.geometry.medians import sort_in_place
from gnntrack.graphs.feature_columns import EDGE_COLUMNS
from gnntrack.graphs.motion import STEPS

_HIGHEST_RANK = 4
#: Features of links lie within this distance of 0.
BOUND = 8.0
_SIDES = (X, Y)


class Links(NamedTuple):
    """E candidate links between N boxes of frames in ascending order.

    Attributes:
        source: ``(E,)`` ascending.
        target: ``(E,)`` ascending for each source.
        moved: ``(E, 2)`` displacement in mean heights of the two boxes.
        scale: ``(E,)`` mean heights.
        log_sizes: ``(E, 2)`` logs of the ratios of widths and heights.
        log_gap: ``(E,)`` logs of frames between.
    """

    source: np.ndarray
    target: np.ndarray
    moved: np.ndarray
    scale: np.ndarray
    log_sizes: np.ndarray
    log_gap: np.ndarray


class Motions(NamedTuple):
    """How each of N boxes moves, before or after: ``(N, 2)`` pixels a second, and of how many links ``(N,)``."""

    velocity: np.ndarray
    seen: np.ndarray


@compiled
def fill_edge_features(
    result: np.ndarray,
    box: np.ndarray,
    frame: np.ndarray,
    time: np.ndarray,
    links: Links,
    before: Motions,
    after: Motions,
) -> None:
    """Fills a table ``(E, len(EDGE_FEATURES))`` with the features of links.

    Args:
        result: float32.
        box: ``(N, 4)`` xywh.
        frame: ``(N,)`` ascending.
        time: ``(N,)`` seconds.
        links: what is known of them.
        before: how boxes moved into where they are.
        after: how they move on from there.
    """
    ahead, behind = _ranks(frame, links, len(box))
    drift = _drift(frame, links, ahead, behind)
    for edge in range(len(links.source)):
        source, target, scale = links.source[edge], links.target[edge], links.scale[edge]
        seconds = time[target] - time[source]
        iou, giou = corner_overlap_of(box, source, target)
        row = result[edge]
        for side in _SIDES:
            moved = links.moved[edge, side]
            row[EDGE_COLUMNS.moved + side] = _bounded(moved)
            row[EDGE_COLUMNS.sizes + side] = _bounded(links.log_sizes[edge, side])
            row[EDGE_COLUMNS.speed + side] = _bounded(moved / max(seconds, 1e-6) / 4.0)
            row[EDGE_COLUMNS.steady + side] = _bounded(moved - drift[edge, side] / scale)
            row[EDGE_COLUMNS.since + side] = _bounded(moved - before.velocity[source, side] * (seconds / scale))
            row[EDGE_COLUMNS.until + side] = _bounded(moved - after.velocity[target, side] * (seconds / scale))
        row[EDGE_COLUMNS.seconds] = _bounded(seconds)
        row[EDGE_COLUMNS.gap] = _bounded(links.log_gap[edge])
        row[EDGE_COLUMNS.iou], row[EDGE_COLUMNS.giou] = _bounded(iou), _bounded(giou)
        row[EDGE_COLUMNS.rank_ahead] = min(ahead[edge], _HIGHEST_RANK) / _HIGHEST_RANK
        row[EDGE_COLUMNS.rank_behind] = min(behind[edge], _HIGHEST_RANK) / _HIGHEST_RANK
        row[EDGE_COLUMNS.seen_before] = before.seen[source] / STEPS
        row[EDGE_COLUMNS.seen_after] = after.seen[target] / STEPS


@compiled
def _bounded(value: float) -> float:
    return min(max(value, -BOUND), BOUND)


@compiled
def _ranks(frame: np.ndarray, links: Links, nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """Of each link among those of one box into one frame, nearest first, from 0: seen from its source, its target."""
    edges = len(links.source)
    distance = np.empty(edges)
    for edge in range(edges):
        distance[edge] = np.hypot(links.moved[edge, X], links.moved[edge, Y])
    starts = np.zeros(nodes + 1, dtype=np.int64)
    for edge in range(edges):
        starts[links.target[edge] + 1] += 1
    for node in range(nodes):
        starts[node + 1] += starts[node]
    by_target = np.empty(edges, dtype=np.int64)
    for edge in range(edges):
        node = links.target[edge]
        by_target[starts[node]] = edge
        starts[node] += 1
    by_source = np.arange(edges)
    return (
        _ranks_in_runs(by_source, links.source, links.target, frame, distance),
        _ranks_in_runs(by_target, links.target, links.source, frame, distance),
    )


@compiled
def _ranks_in_runs(
    order: np.ndarray, node: np.ndarray, other: np.ndarray, frame: np.ndarray, distance: np.ndarray
) -> np.ndarray:
    """The rank of each link in its run: in this order, those of a node into a frame stand side by side."""
    rank = np.zeros(len(order), dtype=np.int64)
    start = 0
    while start < len(order):
        first, stop = order[start], start + 1
        while (
            stop < len(order) and node[order[stop]] == node[first] and frame[other[order[stop]]] == frame[other[first]]
        ):
            stop += 1
        for place in range(start, stop):
            for earlier in range(start, place):
                if distance[order[earlier]] <= distance[order[place]]:
                    rank[order[place]] += 1
                else:
                    rank[order[earlier]] += 1
        start = stop
    return rank


@compiled
def _drift(frame: np.ndarray, links: Links, ahead: np.ndarray, behind: np.ndarray) -> np.ndarray:
    """Median displacement ``(E, 2)``, in pixels, of the mutual nearest boxes of each link's two frames."""
    edges = len(links.source)
    drift = np.zeros((edges, 2))
    widest = 0
    for edge in range(edges):
        widest = max(widest, frame[links.target[edge]] - frame[links.source[edge]])
    stops = np.zeros(widest + 2, dtype=np.int64)
    medians, values = np.zeros((widest + 1, 2)), np.empty(edges)
    start = 0
    while start < edges:
        moment, stop = frame[links.source[start]], start
        stops[:] = 0
        while stop < edges and frame[links.source[stop]] == moment:
            if ahead[stop] == 0 and behind[stop] == 0:
                stops[frame[links.target[stop]] - moment + 1] += 1
            stop += 1
        for gap in range(widest + 1):
            stops[gap + 1] += stops[gap]
        for side in _SIDES:
            for edge in range(start, stop):
                if ahead[edge] == 0 and behind[edge] == 0:
                    gap = frame[links.target[edge]] - moment
                    values[stops[gap]] = links.moved[edge, side] * links.scale[edge]
                    stops[gap] += 1
            for gap in range(widest, 0, -1):
                stops[gap] = stops[gap - 1]
            stops[0] = 0
            for gap in range(widest + 1):
                count = stops[gap + 1] - stops[gap]
                if count:
                    sort_in_place(values[stops[gap] : stops[gap + 1]])
                    medians[gap, side] = values[stops[gap] + count // 2]
                else:
                    medians[gap, side] = 0.0
            for edge in range(start, stop):
                drift[edge, side] = medians[frame[links.target[edge]] - moment, side]
        start = stop
    return drift
