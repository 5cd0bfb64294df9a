"""Node and edge features: all relative to box size and time, so scale and frame rate cancel."""

from __future__ import annotations

import numpy as np

from gnntrack.geometry import HEIGHT, SIZE, centres, giou, iou
from gnntrack.graphs.motion import STEPS, evident_links, velocities
from gnntrack.sequence import View

NODE_FEATURES = (
    "confidence",
    "log aspect",
    "log height / frame's median",
    "log boxes in frame",
    "largest overlap",
    "gap to left or right border",
    "gap to upper or lower border",
)
EDGE_FEATURES = (
    "right",
    "down",
    "log width ratio",
    "log height ratio",
    "seconds",
    "log frames",
    "IoU",
    "GIoU",
    "right per second",
    "down per second",
    "rank among successors",
    "rank among predecessors",
    "right, less the frame pair's median",
    "down, less the frame pair's median",
    "right, less the motion before",
    "down, less the motion before",
    "right, less the motion after",
    "down, less the motion after",
    "links seen before",
    "links seen after",
)
SPATIAL_FEATURES = ("right", "down", "log width ratio", "log height ratio", "IoU")


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
        frame: ``(N,)``.
        time: ``(N,)`` seconds.
        edges: ``(2, E)`` past to future.
    """
    source, target = edges
    move, sizes, scale = _relative(box, source, target)
    seconds = time[target] - time[source]
    gap = frame[target] - frame[source]
    distance = np.hypot(*move.T)
    rank_ahead = _rank(source, frame[target], distance)
    rank_behind = _rank(target, frame[source], distance)
    drift = _camera_drift(move * scale[:, None], frame[source], frame[target], (rank_ahead == 0) & (rank_behind == 0))
    links = evident_links(box, frame, edges)
    before, seen_before = velocities(box, time, links, past=True)
    after, seen_after = velocities(box, time, links, past=False)
    columns = [
        move,
        sizes,
        seconds,
        np.log(gap),
        iou(box[source], box[target]),
        giou(box[source], box[target]),
        move / np.maximum(seconds, 1e-6)[:, None] / 4.0,
        np.minimum(rank_ahead, 4) / 4.0,
        np.minimum(rank_behind, 4) / 4.0,
        move - drift / scale[:, None],
        move - before[source] * (seconds / scale)[:, None],
        move - after[target] * (seconds / scale)[:, None],
        seen_before[source] / STEPS,
        seen_after[target] / STEPS,
    ]
    return _bounded(np.column_stack(columns))


def spatial_features(box: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Features of neighbours within a frame: ``(S, len(SPATIAL_FEATURES))`` float32.

    Args:
        box: ``(N, 4)`` xywh.
        edges: ``(2, S)``.
    """
    source, target = edges
    move, sizes, _ = _relative(box, source, target)
    return _bounded(np.column_stack([move, sizes, iou(box[source], box[target])]))


def _relative(box: np.ndarray, source: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Displacement in mean heights ``(E, 2)``, log size ratios ``(E, 2)``, mean heights ``(E,)``."""
    scale = 0.5 * (box[source, HEIGHT] + box[target, HEIGHT])
    centre = centres(box)
    return (centre[target] - centre[source]) / scale[:, None], np.log(box[target, SIZE] / box[source, SIZE]), scale


def _bounded(features: np.ndarray) -> np.ndarray:
    return features.clip(-8, 8).astype(np.float32)


def _rank(node: np.ndarray, other_frame: np.ndarray, distance: np.ndarray) -> np.ndarray:
    """Position of each edge among the edges of one node into one frame, nearest first, from 0."""
    order = np.lexsort([distance, other_frame, node])
    rank = np.zeros(len(node), dtype=np.int64)
    rank[order] = _position_in_run(node[order], other_frame[order])
    return rank


def _position_in_run(*keys: np.ndarray) -> np.ndarray:
    """Position of each entry within its run of equal keys."""
    size = len(keys[0])
    if not size:
        return np.zeros(0, dtype=np.int64)
    new = np.ones(size, dtype=bool)
    new[1:] = np.logical_or.reduce([key[1:] != key[:-1] for key in keys])
    starts = np.flatnonzero(new)
    return np.arange(size) - np.repeat(starts, np.diff(np.append(starts, size)))


def _group_median(values: np.ndarray, group: np.ndarray, groups: int) -> np.ndarray:
    """Median (the upper one of two) of each group: ``(groups,)``; 0 for an empty group."""
    order = np.lexsort([values, group])
    count = np.bincount(group, minlength=groups)
    start = np.concatenate([[0], np.cumsum(count)[:-1]])
    median = np.zeros(groups)
    filled = count > 0
    median[filled] = values[order][(start + count // 2)[filled]]
    return median


def _camera_drift(move: np.ndarray, first: np.ndarray, last: np.ndarray, mutual: np.ndarray) -> np.ndarray:
    """Median displacement, in pixels, of the mutual nearest boxes of each frame pair, for every edge: ``(E, 2)``."""
    if not len(move):
        return np.zeros((0, 2))
    _, frame = np.unique(first, return_inverse=True)
    gap = last - first
    widest = int(gap.max()) + 1
    group = frame * widest + gap
    groups = (int(frame.max()) + 1) * widest
    return np.column_stack([_group_median(move[mutual, axis], group[mutual], groups)[group] for axis in (0, 1)])
