"""The compiled features against plain numpy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from gnntrack.association import neighbours, pair_features, predictions
from gnntrack.association.evident import evident
from gnntrack.association.feature_columns import PAIR
from gnntrack.association.graph import association_graph
from gnntrack.association.nearest import candidate_links
from gnntrack.geometry import iou
from gnntrack.geometry.compiled_boxes import overlap_of
from tests.association import all_pairs
from tests.association.test_graph import VIEW, crowd


def corners(centred: np.ndarray) -> np.ndarray:
    return np.concatenate([centred[..., :2] - centred[..., 2:4] / 2, centred[..., 2:4]], axis=-1)


@given(some.integers(0, 50))
def test_overlap_is_that_of_all_other_code(seed):
    rng = np.random.default_rng(seed)
    a, b = np.column_stack([rng.uniform(0, 50, (2, 2)), rng.uniform(5, 40, (2, 2))])
    shared, generalised = overlap_of(a[None], 0, b[None], 0)
    assert shared == pytest.approx(iou(corners(a)[None], corners(b)[None])[0])
    assert -1 <= generalised <= shared


def test_lines_are_least_squares():
    """Boxes with noise, one every second frame: the lines are those of numpy's, but for the pull towards standing."""
    rng = np.random.default_rng(0)
    past = np.zeros((1, 32, 6))
    past[0, :, 4] = 100 - 2.0 * np.arange(32)
    past[0, :, :2] = 3.0 * past[0, :, 4:5] + rng.normal(0, 1, (32, 2))
    past[0, :, 2:4] = 40.0
    predicted = predictions.predictions(past, np.array([32]), np.array([3.0]))
    for place, fitted in enumerate(predictions.FITTED):
        age, x = past[0, :fitted, 4] - 100, past[0, :fitted, 0]
        line = np.polyval(np.polyfit(age, x, 1), 3.0)
        assert predicted[0, place, 0] == pytest.approx(line, abs=0.5)
        assert predicted[0, place, 3] == pytest.approx(40.0)


def test_a_track_of_one_box_stays():
    past = np.repeat(np.array([[[10.0, 20, 4, 8, 5, 0.9]]]), 32, axis=1)
    predicted = predictions.predictions(past, np.array([1]), np.array([7.0]))
    np.testing.assert_allclose(predicted, np.broadcast_to([10.0, 20, 4, 8], (1, 4, 4)))


@given(some.integers(1, 9), some.integers(1, 5), some.integers(0, 50))
def test_neighbours_are_the_nearest(number, count, seed):
    box = np.column_stack([np.random.default_rng(seed).uniform(0, 99, (number, 2)), np.full((number, 2), 10.0)])
    pairs, relations = neighbours.neighbours(box, count)
    kept = min(count, number - 1)
    assert pairs.shape == (2, number * kept) and len(relations) == number * kept
    apart = np.linalg.norm(box[:, None, :2] - box[None, :, :2], axis=2) + np.diag(np.full(number, np.inf))
    for here in range(number):
        np.testing.assert_array_equal(pairs[0, pairs[1] == here], apart[here].argsort()[:kept])


def test_margin_is_how_much_nearer_the_best_rival_is():
    histories, detections = crowd(5, 4)
    newest = np.ascontiguousarray(histories.newest)
    gap = detections[0, 4] - newest[:, 4]
    predicted = predictions.predictions(histories.observations, histories.count, gap)
    near = candidate_links(newest, predicted, gap, detections, (np.zeros(5), np.zeros(4)), 6, 6)
    assert near.links.shape == (2, 20)
    distance = all_pairs.distances(newest, predicted, gap, detections)
    tracks = pair_features.Tracks(newest, predicted, np.zeros((5, 2)), gap, histories.prediction_error)
    x = pair_features.pair_features(near, detections, tracks, 25.0)
    for row, (track, detection) in enumerate(near.links.T):
        others = np.delete(distance[track], detection)
        assert x[row, PAIR.track_margin] == pytest.approx(
            np.clip(distance[track, detection] - others.min(), -2, 2), abs=1e-5
        )
        others = np.delete(distance[:, detection], track)
        assert x[row, PAIR.detection_margin] == pytest.approx(
            np.clip(distance[track, detection] - others.min(), -2, 2), abs=1e-5
        )


@pytest.mark.parametrize(
    ("moved", "rival", "frames", "expected"),
    [(3, 400, 1, True), (25, 400, 1, False), (3, 400, 2, False), (3, 20, 1, False)],
    ids=["alone", "too far", "not the next frame", "a rival"],
)
def test_evident_links(moved, rival, frames, expected):
    """A track, a detection that has moved on, and another one somewhere: ■ ▪        ▪."""
    histories, detections = crowd(1, 2)
    newest = histories.newest[0]
    detections[:, :4] = newest[:4]
    detections[:, 0] += [moved, rival]
    detections[:, 4] = newest[4] + frames
    graph = association_graph(histories, detections, VIEW, np.zeros(2))
    assert evident(graph.edge_attr, graph.ends)[graph.ends[1] == 0].tolist() == [expected]


@pytest.mark.parametrize(("lost_for", "expected"), [(0, False), (5, True)], ids=["another track", "a lost one"])
def test_lost_tracks_do_not_make_a_link_doubtful(lost_for, expected):
    """Two tracks at the same place, one of which may have been lost for some frames, and a detection that moved on."""
    histories, detections = crowd(2, 1)
    histories.newest[1, :2] = histories.newest[0, :2] + [20.0, 0.0]
    histories.newest[1, 4] -= lost_for
    detections[0, :2] = histories.newest[0, :2] + [1.0, 0.0]
    graph = association_graph(histories, detections, VIEW, np.zeros(2))
    assert evident(graph.edge_attr, graph.ends)[graph.ends[0] == 0].tolist() == [expected]
