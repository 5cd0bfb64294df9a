"""Which boxes may be linked: sparse candidates, never all pairs."""

from __future__ import annotations

import numpy as np

from gnntrack.geometry import HEIGHT, centres
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
    pairs = nearest_pairs(centre, layer, (1, settings.max_gap), settings.neighbours, farthest)
    edges = _unique(*pairs, len(box))
    source, target = edges
    distance = np.hypot(*(centre[target] - centre[source]).T)
    reach = settings.reach + settings.speed * (time[target] - time[source])
    return np.compress(distance <= reach * 0.5 * (height[source] + height[target]), edges, axis=1)


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
    edges = _unique(np.concatenate([one, near]), np.concatenate([near, one]), len(box))
    source, target = edges
    distance = np.hypot(*(centre[target] - centre[source]).T)
    reached = distance <= settings.spatial_reach * 0.5 * (height[source] + height[target])
    return np.compress(reached, edges, axis=1)


def _rank(groups: np.ndarray) -> np.ndarray:
    """The place of each group among all, from 0."""
    rank: np.ndarray = np.unique(groups, return_inverse=True)[1]
    return rank


def _unique(source: np.ndarray, target: np.ndarray, count: int) -> np.ndarray:
    code = np.sort(source * count + target)
    code = code[np.diff(code, prepend=-1) > 0]
    return np.stack([code // count, code % count])
