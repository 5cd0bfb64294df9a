"""Velocities from evident links."""

from __future__ import annotations

import numpy as np

from gnntrack.graphs import GraphSettings
from gnntrack.graphs.edges import temporal_edges
from gnntrack.graphs.feature_columns import EDGE_FEATURES
from gnntrack.graphs.features import edge_features
from gnntrack.graphs.motion import STEPS, evident_links, velocities

SETTINGS = GraphSettings(window=12, stride=2, max_gap=6)


def walk(frames, speed=6.0):
    """One box of 40 × 100 that moves right by ``speed`` pixels a frame, at 10 frames a second."""
    frame = np.array(frames)
    box = np.column_stack([frame * speed, np.zeros(len(frame)), np.full(len(frame), 40.0), np.full(len(frame), 100.0)])
    return box, frame, frame / 10.0


def test_constant_velocity_is_found():
    box, frame, time = walk(range(1, 9))
    links = evident_links(box, frame, temporal_edges(box, frame, time, SETTINGS))
    assert links.tolist() == [list(range(7)), list(range(1, 8))]
    velocity, used = velocities(box, time, links, past=True)
    np.testing.assert_allclose(velocity[1:], np.tile([60.0, 0.0], (7, 1)))
    assert velocity[0].tolist() == [0, 0]
    assert used.tolist() == [0, 1, 2, 3, 4, STEPS, STEPS, STEPS]


def test_motion_predicts_across_a_gap():
    """The box is hidden in frames 5 to 8; the link across the gap has moved as predicted from both sides.

    frame   1 2 3 4 · · · · 9 10 11
            ■ ■ ■ ■─────────■ ■  ■
    """
    box, frame, time = walk([1, 2, 3, 4, 9, 10, 11])
    edges = temporal_edges(box, frame, time, SETTINGS)
    features = edge_features(box, frame, time, edges)
    across = features[(edges[0] == 3) & (edges[1] == 4)][0]
    start = EDGE_FEATURES.index("right, less the motion before")
    np.testing.assert_allclose(across[start : start + 4], 0, atol=1e-6)
    assert across[EDGE_FEATURES.index("right")] > 0.2
    np.testing.assert_allclose(across[start + 4 :], [3 / STEPS, 2 / STEPS])


def test_rivals_do_not_share_a_link():
    """Two boxes of frame 2 overlap the box of frame 1: only the better one is evident."""
    box = np.array([[0.0, 0, 40, 100], [4.0, 0, 40, 100], [12.0, 0, 40, 100]])
    links = evident_links(box, np.array([1, 2, 2]), np.array([[0, 0], [1, 2]]))
    assert links.tolist() == [[0], [1]]
