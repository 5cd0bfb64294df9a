"""Candidate links equal a brute-force search over all pairs."""

from __future__ import annotations

import numpy as np
import pytest

from gnntrack.geometry import centres
from gnntrack.graphs import GraphSettings
from gnntrack.graphs.edges import spatial_edges, temporal_edges
from tests.conftest import random_boxes

SETTINGS = GraphSettings(window=8, stride=2, max_gap=3, neighbours=2)


def brute_force(box, frame, time, settings):
    """All pairs, one by one: nearest ahead, nearest behind, within reach."""
    centre = centres(box)
    kept = set()
    for node in range(len(box)):
        for gap in [*range(-settings.max_gap, 0), *range(1, settings.max_gap + 1)]:
            others = np.flatnonzero(frame == frame[node] + gap)
            distance = np.hypot(*(centre[others] - centre[node]).T)
            for other in others[np.argsort(distance, kind="stable")[: settings.neighbours]]:
                kept.add((node, other) if gap > 0 else (other, node))
    reached = set()
    for a, b in kept:
        reach = settings.reach + settings.speed * (time[b] - time[a])
        if np.hypot(*(centre[b] - centre[a])) <= reach * (box[a, 3] + box[b, 3]) / 2:
            reached.add((int(a), int(b)))
    return reached


@pytest.mark.parametrize("seed", range(8))
def test_temporal_edges_equal_brute_force(seed):
    box, frame = random_boxes(seed)
    edges = temporal_edges(box, frame, frame / 10, SETTINGS)
    assert {tuple(edge) for edge in edges.T.tolist()} == brute_force(box, frame, frame / 10, SETTINGS)
    assert (frame[edges[0]] < frame[edges[1]]).all()
    assert np.array_equal(np.lexsort([edges[1], edges[0]]), np.arange(edges.shape[1]))


def test_missing_frames_keep_their_gap():
    """Frames 1 and 4 hold one box each, 2 and 3 none: a link of gap 3, none of gap 1.

    frame 1   2   3   4
          ■───────────■
    """
    box = np.array([[0.0, 0, 10, 20], [2.0, 0, 10, 20]])
    frame = np.array([1, 4])
    assert temporal_edges(box, frame, frame / 10, SETTINGS).tolist() == [[0], [1]]
    assert temporal_edges(box, np.array([1, 5]), frame / 10, SETTINGS).shape == (2, 0)


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_boxes(count):
    box, frame = np.ones((count, 4)), np.ones(count, dtype=int)
    assert temporal_edges(box, frame, frame / 10, SETTINGS).shape == (2, 0)
    assert spatial_edges(box, frame, SETTINGS).shape == (2, 0)


@pytest.mark.parametrize("seed", range(4))
def test_spatial_edges_stay_within_a_frame(seed):
    box, frame = random_boxes(seed, per_frame=12)
    edges = spatial_edges(box, frame, SETTINGS)
    assert (frame[edges[0]] == frame[edges[1]]).all()
    assert (edges[0] != edges[1]).all()
    pairs = {tuple(edge) for edge in edges.T.tolist()}
    assert {(b, a) for a, b in pairs} == pairs


def test_far_frames_cost_nothing():
    """A frame number of a billion is a number, not a size."""
    box, frame = np.tile([0.0, 0, 10, 20], (3, 1)), np.array([1, 2, 10**9])
    assert temporal_edges(box, frame, frame / 10.0, SETTINGS).tolist() == [[0], [1]]


@pytest.mark.parametrize("seed", range(4))
def test_groups_are_linked_as_if_they_were_alone(seed):
    box, frame = random_boxes(seed, frames=9)
    group = np.random.default_rng(seed).integers(-1, 2, len(box)) * 1000.0
    expected = set()
    for each in np.unique(group):
        rows = np.flatnonzero(group == each)
        expected |= {
            (int(rows[a]), int(rows[b]))
            for a, b in temporal_edges(box[rows], frame[rows], frame[rows] / 10, SETTINGS).T
        }
    edges = temporal_edges(box, frame, frame / 10, SETTINGS, group)
    assert expected and {tuple(edge) for edge in edges.T.tolist()} == expected
