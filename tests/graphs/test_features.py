"""Features are relative: picture position, size and frame rate cancel where they should."""

from __future__ import annotations

import numpy as np
import pytest

from gnntrack.graphs import GraphSettings
from gnntrack.graphs.edges import spatial_edges, temporal_edges
from gnntrack.graphs.feature_columns import EDGE_FEATURES, SPATIAL_FEATURES
from gnntrack.graphs.features import edge_features, node_features, spatial_features
from gnntrack.sequence import View
from tests.conftest import random_boxes

SETTINGS = GraphSettings(window=8, stride=2, max_gap=3)


def column(name):
    return EDGE_FEATURES.index(name)


def test_edge_features_by_hand():
    """One box moves right by one mean height in a second and doubles its size."""
    box = np.array([[0.0, 0, 10, 10], [10.0, -5, 20, 20]])  # centres (5, 5) and (20, 5), mean height 15
    features = edge_features(box, np.array([1, 3]), np.array([0.0, 1.0]), np.array([[0], [1]]))[0]
    assert features[column("right")] == pytest.approx(1)
    assert features[column("down")] == pytest.approx(0)
    assert features[column("log width ratio")] == pytest.approx(np.log(2))
    assert features[column("seconds")] == pytest.approx(1)
    assert features[column("log frames")] == pytest.approx(np.log(2))
    assert features[column("right per second")] == pytest.approx(0.25)  # quarter scale
    assert features[column("right, less the frame pair's median")] == pytest.approx(0)


@pytest.mark.parametrize("seed", range(3))
def test_scale_and_place_cancel(seed):
    box, frame = random_boxes(seed)
    time = frame / 25
    edges, near = temporal_edges(box, frame, time, SETTINGS), spatial_edges(box, frame, SETTINGS)
    changed = box * 3.0 + np.array([70.0, -40.0, 0, 0])
    np.testing.assert_allclose(
        edge_features(changed, frame, time, edges), edge_features(box, frame, time, edges), atol=1e-4
    )
    np.testing.assert_allclose(spatial_features(changed, near), spatial_features(box, near), atol=1e-4)


@pytest.mark.parametrize("seed", range(3))
def test_camera_motion_cancels_in_the_last_columns(seed):
    """The whole second frame moves by the same pixels: displacement less the median does not change.

    One distant pair of frames, so that the mutual nearest boxes stay the same.
    """
    rng = np.random.default_rng(seed)
    first = np.column_stack([np.arange(5) * 120.0, np.full(5, 100.0), np.full((5, 2), 50.0)])
    second = first + np.column_stack([rng.normal(0, 2, (5, 2)), np.zeros((5, 2))])
    frame, time = np.repeat([1, 2], 5), np.repeat([0.0, 0.04], 5)
    results = []
    for shift in (0.0, 20.0):
        box = np.concatenate([first, second + np.array([shift, 0, 0, 0])])
        edges = np.array([np.arange(5), np.arange(5) + 5])
        results.append(edge_features(box, frame, time, edges))
    still = slice(column("right, less the frame pair's median"), column("right, less the motion before"))
    np.testing.assert_allclose(results[0][:, still], results[1][:, still], atol=1e-5)
    assert np.abs(results[0][:, 0] - results[1][:, 0]).min() > 0.3


def test_ranks_count_from_the_nearest():
    """A box with three successors at growing distance."""
    box = np.array([[0.0, 0, 10, 20], [1, 0, 10, 20], [5, 0, 10, 20], [9, 0, 10, 20]])
    edges = np.array([[0, 0, 0], [1, 2, 3]])
    features = edge_features(box, np.array([1, 2, 2, 2]), np.array([0, 0.1, 0.1, 0.1]), edges)
    assert features[:, column("rank among successors")].tolist() == [0, 0.25, 0.5]
    assert features[:, column("rank among predecessors")].tolist() == [0, 0, 0]


def test_shapes_of_nothing():
    empty = np.zeros((2, 0), dtype=int)
    none = np.zeros((0, 4))
    assert node_features(none, np.zeros(0, int), np.zeros(0), empty, View(10, 10, 25.0)).shape[0] == 0
    assert edge_features(none, np.zeros(0, int), np.zeros(0), empty).shape == (0, len(EDGE_FEATURES))
    assert spatial_features(none, empty).shape == (0, len(SPATIAL_FEATURES))
