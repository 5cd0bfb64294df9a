"""Compiled features of links are, to the bit, those of plain array operations."""

from __future__ import annotations

import numpy as np
import pytest

from gnntrack.geometry import HEIGHT, SIZE, centres, giou, iou
from gnntrack.graphs import GraphSettings
from gnntrack.graphs.edges import temporal_edges
from gnntrack.graphs.features import edge_features
from gnntrack.graphs.motion import OVERLAP, STEPS, evident_links, velocities
from tests.conftest import random_boxes


def ranks(node, other_frame, distance):
    """Rank by distance among the links of a node into a frame."""
    order = np.lexsort([distance, other_frame, node])
    keys = np.stack([node, other_frame])[:, order]
    starts = np.flatnonzero((np.diff(keys, prepend=-1) != 0).any(0))
    rank = np.empty(len(node), dtype=int)
    rank[order] = np.arange(len(node)) - np.repeat(starts, np.diff(np.append(starts, len(node))))
    return rank


def drift(move, first, last, mutual):
    """The upper median of mutual nearest boxes, for every pair of frames."""
    result = np.zeros_like(move)
    for pair in {*zip(first.tolist(), last.tolist(), strict=True)}:
        links = (first == pair[0]) & (last == pair[1])
        if (links & mutual).any():
            chosen = np.sort(move[links & mutual], axis=0)
            result[links] = chosen[len(chosen) // 2]
    return result


def plain_features(box, frame, time, edges):
    """The table of a window's links, column by column."""
    source, target = edges
    centre, scale = centres(box), 0.5 * (box[source, HEIGHT] + box[target, HEIGHT])
    move, seconds = (centre[target] - centre[source]) / scale[:, None], time[target] - time[source]
    distance = np.hypot(*move.T)
    ahead, behind = ranks(source, frame[target], distance), ranks(target, frame[source], distance)
    links = evident_links(box, frame, edges)
    before, seen_before = velocities(box, time, links, True)
    after, seen_after = velocities(box, time, links, False)
    moved = drift(move * scale[:, None], frame[source], frame[target], (ahead == 0) & (behind == 0))
    columns = [
        move,
        np.log(box[target, SIZE] / box[source, SIZE]),
        seconds,
        np.log(frame[target] - frame[source]),
        iou(box[source], box[target]),
        giou(box[source], box[target]),
        move / np.maximum(seconds, 1e-6)[:, None] / 4.0,
        np.minimum(ahead, 4) / 4.0,
        np.minimum(behind, 4) / 4.0,
        move - moved / scale[:, None],
        move - before[source] * (seconds / scale)[:, None],
        move - after[target] * (seconds / scale)[:, None],
        seen_before[source] / STEPS,
        seen_after[target] / STEPS,
    ]
    return np.column_stack(columns).clip(-8, 8).astype(np.float32)


@pytest.mark.parametrize("seed", range(5))
def test_features_equal_plain_array_operations(seed):
    box, frame = random_boxes(seed, frames=9, per_frame=1 + 4 * seed)
    if seed % 2:
        box = np.ceil(box)  # whole pixels: distances are equal
    edges = temporal_edges(box, frame, frame / 10, GraphSettings(window=9, stride=2, max_gap=5, reach=9.0))
    found = edge_features(box, frame, frame / 10, edges)
    assert found.tobytes() == plain_features(box, frame, frame / 10, edges).tobytes()
    assert seed == 0 or len(found) > 20


@pytest.mark.parametrize("seed", range(3))
def test_evident_links_overlap_most_on_both_sides(seed):
    box, frame = random_boxes(seed, frames=6, per_frame=9)
    box[:, SIZE] *= 3  # many overlap
    edges = temporal_edges(box, frame, frame / 10, GraphSettings(window=9, stride=2, max_gap=3))
    near = edges[:, frame[edges[1]] - frame[edges[0]] == 1]
    overlap = iou(box[near[0]], box[near[1]])
    expected = [
        pair
        for pair, value in zip(near.T.tolist(), overlap, strict=True)
        if value >= OVERLAP and all(value == overlap[side == node].max() for side, node in zip(near, pair, strict=True))
    ]
    assert expected and evident_links(box, frame, edges).T.tolist() == expected
