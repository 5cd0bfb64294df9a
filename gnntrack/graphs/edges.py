"""Which boxes may be linked: sparse candidates, never all pairs."""

from __future__ import annotations

import numpy as np

from gnntrack.compiled import compiled
from gnntrack.geometry import HEIGHT, centres
from gnntrack.geometry.boxes import X, Y
from gnntrack.graphs.nearest import nearest_pairs
from gnntrack.graphs.settings import GraphSettings


def temporal_edges(
    box: np.ndarray,
    frame: np.ndarray,
    time: np.ndarray,
    settings: GraphSettings,
    groups: np.ndarray | None = None,
) -> np.ndarray:
    """Candidate links from past to future boxes.

    For every frame gap up to ``max_gap`` each box keeps its ``neighbours`` nearest boxes ahead and its nearest behind,
    among those it could have reached: within ``(reach + speed · Δt)`` mean box heights.

    Args:
        box: ``(N, 4)`` xywh.
        frame: ``(N,)``.
        time: ``(N,)`` seconds.
        settings: gap, neighbours and reach.
        groups: ``(N,)`` only boxes of one group may be linked; None: all are of one.

    Returns:
        ``(2, E)`` int64, sorted by source, then target.

    Example:
        >>> box = np.array([[0.0, 0, 10, 20], [2.0, 0, 10, 20], [900.0, 0, 10, 20]])
        >>> temporal_edges(box, np.array([1, 2, 2]), np.array([0.0, 0.04, 0.04]), GraphSettings()).tolist()
        [[0], [1]]
    """
    if len(box) < 2:
        return np.zeros((2, 0), dtype=np.int64)
    centre, height = centres(box), box[:, HEIGHT]
    frames = max(1, int(np.ptp(frame)))
    longest = float(np.ptp(time)) * min(1.0, settings.max_gap / frames)  # seconds that an edge can span
    farthest = (settings.reach + settings.speed * longest) * height.max()
    layer = frame if groups is None else frame + _rank(groups) * (frames + settings.max_gap + 1)
    source, target = nearest_pairs(centre, layer, (1, settings.max_gap), settings.neighbours, farthest)
    return _within_reach(np.sort(source * len(box) + target), centre, height, time, settings.reach, settings.speed)


def spatial_edges(box: np.ndarray, frame: np.ndarray, settings: GraphSettings) -> np.ndarray:
    """Neighbours within a frame, in both directions.

    Args:
        box: ``(N, 4)`` xywh.
        frame: ``(N,)``.
        settings: neighbours and reach.

    Returns:
        ``(2, S)`` int64, sorted by source, then target; an edge stands beside its reverse.

    Example:
        >>> box = np.array([[0.0, 0, 10, 20], [15.0, 0, 10, 20], [15.0, 0, 10, 20]])
        >>> spatial_edges(box, np.array([1, 1, 2]), GraphSettings()).tolist()
        [[0, 1], [1, 0]]
    """
    if len(box) < 2 or settings.spatial_neighbours == 0:
        return np.zeros((2, 0), dtype=np.int64)
    centre, height = centres(box), box[:, HEIGHT]
    farthest = settings.spatial_reach * height.max()
    one, near = nearest_pairs(centre, frame, (0, 0), settings.spatial_neighbours, farthest)
    code = np.sort(np.concatenate([one * len(box) + near, near * len(box) + one]))
    return _within_reach(code, centre, height, np.zeros(len(box)), settings.spatial_reach, 0.0)


def _rank(groups: np.ndarray) -> np.ndarray:
    """The place of each group among all, from 0."""
    rank: np.ndarray = np.unique(groups, return_inverse=True)[1]
    return rank


@compiled
def _within_reach(
    code: np.ndarray, centre: np.ndarray, height: np.ndarray, time: np.ndarray, reach: float, speed: float
) -> np.ndarray:
    """The edges ``(2, E)`` that a box could have gone along, each once.

    Args:
        code: ``(P,)`` sorted, source times number of boxes plus target.
        centre: ``(N, 2)``.
        height: ``(N,)``.
        time: ``(N,)`` seconds.
        reach: farthest whatever the time, in mean heights.
        speed: farthest besides, in mean heights a second.
    """
    edges, filled, last = np.empty((2, len(code)), dtype=np.int64), 0, -1
    for place in range(len(code)):
        if code[place] != last:
            last = code[place]
            source, target = last // len(height), last % len(height)
            distance = np.hypot(centre[target, X] - centre[source, X], centre[target, Y] - centre[source, Y])
            farthest = (reach + speed * (time[target] - time[source])) * 0.5 * (height[source] + height[target])
            if distance <= farthest:
                edges[0, filled], edges[1, filled] = source, target
                filled += 1
    return edges[:, :filled].copy()
