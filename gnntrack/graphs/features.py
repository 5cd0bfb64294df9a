"""Features of nodes and edges, see :mod:`gnntrack.graphs.feature_columns`: scale and frame rate cancel."""

from __future__ import annotations

import numpy as np

from gnntrack.geometry import HEIGHT, SIZE, centres, iou
from gnntrack.graphs.edge_table import BOUND, Links, Motions, fill_edge_features
from gnntrack.graphs.feature_columns import EDGE_FEATURES
from gnntrack.graphs.motion import evident_links, velocities
from gnntrack.sequence import View


def node_features(box: np.ndarray, frame: np.ndarray, conf: np.ndarray, spatial: np.ndarray, view: View) -> np.ndarray:
    """Features of boxes by themselves: ``(N, len(NODE_FEATURES))`` float32.

    Args:
        box: ``(N, 4)`` xywh.
        frame: ``(N,)`` ascending.
        conf: ``(N,)``.
        spatial: ``(2, S)`` neighbours within frames.
        view: of the video.
    """
    _, group, count = np.unique(frame, return_inverse=True, return_counts=True)
    overlap = np.zeros(len(box))
    np.maximum.at(overlap, spatial[0], iou(box[spatial[0]], box[spatial[1]]))
    left, top, wide, high = box.T
    typical = _group_median(high, group, len(count))[group]
    side = np.minimum(left, view.width - left - wide) / high
    vertical = np.minimum(top, view.height - top - high) / high
    columns = [
        conf,
        np.log(wide / high),
        np.log(high / typical),
        np.log(count[group]) / 3.0,
        overlap,
        side.clip(-1, 2),
        vertical.clip(-1, 2),
    ]
    return np.column_stack(columns).astype(np.float32)


def edge_features(box: np.ndarray, frame: np.ndarray, time: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Features of candidate links: ``(E, len(EDGE_FEATURES))`` float32. Lengths are in mean heights of the two boxes.

    Args:
        box: ``(N, 4)`` xywh.
        frame: ``(N,)`` ascending.
        time: ``(N,)`` seconds.
        edges: ``(2, E)`` past to future, sorted by source, then target.
    """
    source, target = edges
    links = Links(source, target, *_relative(box, source, target), np.log(frame[target] - frame[source]))
    evident = evident_links(box, frame, edges)
    before, after = (Motions(*velocities(box, time, evident, past)) for past in (True, False))
    result = np.empty((len(source), len(EDGE_FEATURES)), dtype=np.float32)
    fill_edge_features(result, box, frame, time, links, before, after)
    return result


def spatial_features(box: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Features of neighbours within a frame: ``(S, len(SPATIAL_FEATURES))`` float32.

    Args:
        box: ``(N, 4)`` xywh.
        edges: ``(2, S)``.
    """
    source, target = edges
    moved, _, log_sizes = _relative(box, source, target)
    table = np.column_stack([moved, log_sizes, iou(box[source], box[target])])
    return table.clip(-BOUND, BOUND).astype(np.float32)


def _relative(box: np.ndarray, source: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Displacement in mean heights ``(E, 2)``, mean heights ``(E,)``, log size ratios ``(E, 2)``."""
    scale = 0.5 * (box[source, HEIGHT] + box[target, HEIGHT])
    centre = centres(box)
    return (centre[target] - centre[source]) / scale[:, None], scale, np.log(box[target, SIZE] / box[source, SIZE])


def _group_median(values: np.ndarray, group: np.ndarray, groups: int) -> np.ndarray:
    """Median (the upper one of two) of each group: ``(groups,)``; 0 for an empty group."""
    order = np.lexsort([values, group])
    count = np.bincount(group, minlength=groups)
    start = np.concatenate([[0], np.cumsum(count)[:-1]])
    median = np.zeros(groups)
    filled = count > 0
    median[filled] = values[order][(start + count // 2)[filled]]
    return median
