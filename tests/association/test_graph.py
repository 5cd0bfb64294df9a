"""The graph of tracks and the detections of a new frame."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from gnntrack.association.graph import association_graph
from gnntrack.association.histories import Histories
from gnntrack.geometry.camera import camera_step
from gnntrack.sequence import View

VIEW = View(640, 480, 25)


def crowd(tracks: int, detections: int, seed: int = 0, frames: int = 12) -> tuple[Histories, np.ndarray]:
    """Tracks that walked for some frames, and detections of the frame after."""
    rng = np.random.default_rng(seed)
    start, speed = rng.uniform(50, 400, (tracks, 2)), rng.normal(0, 4, (tracks, 2))
    histories = Histories()
    for frame in range(1, frames + 1):
        boxes = np.column_stack([start + speed * frame, np.full((tracks, 2), 30.0), np.full(tracks, frame)])
        boxes = np.column_stack([boxes, np.full(tracks, 0.9)])
        if frame == 1:
            histories.add(boxes, np.zeros(2))
        else:
            histories.extend(np.arange(tracks), boxes, np.zeros(2))
    detected = np.column_stack(
        [rng.uniform(50, 400, (detections, 2)), np.full((detections, 2), 30.0), np.full(detections, frames + 1)]
    )
    return histories, np.column_stack([detected, rng.uniform(0.1, 1, detections)])


@given(some.integers(1, 12), some.integers(1, 12), some.integers(0, 99))
def test_numbers_are_finite_and_links_legal(tracks, detections, seed):
    histories, detected = crowd(tracks, detections, seed)
    graph = association_graph(histories, detected, VIEW, np.zeros(2), candidates=3, neighbours=2)
    for values in (graph.past, graph.future, graph.edge_attr, graph.spatial_edge_attr):
        assert np.isfinite(values).all()
    track, detection = graph.ends
    assert (track >= 0).all() and (track < tracks).all()
    assert (detection >= 0).all() and (detection < detections).all()
    assert len(np.unique(graph.edge_index, axis=1).T) == graph.edge_index.shape[1] == len(graph.edge_attr)
    # everybody has its nearest partners
    assert (np.bincount(track, minlength=tracks) >= min(3, detections)).all()
    assert (np.bincount(detection, minlength=detections) >= min(3, tracks)).all()
    one_kind = (graph.spatial_edge_index >= tracks).all(0) | (graph.spatial_edge_index < tracks).all(0)
    assert one_kind.all() and (graph.spatial_edge_index[0] != graph.spatial_edge_index[1]).all()


def test_scale_and_place_of_the_picture_do_not_matter():
    """A picture of twice the resolution gives the same graph."""
    histories, detected = crowd(6, 5)
    double = Histories()
    double.observations = histories.observations * [2, 2, 2, 2, 1, 1]
    double.count, double.prediction_error, double.camera = (
        histories.count,
        histories.prediction_error,
        2 * histories.camera,
    )
    one = association_graph(histories, detected, VIEW, np.array([3.0, 0.0]))
    two = association_graph(double, detected * [2, 2, 2, 2, 1, 1], View(1280, 960, 25), np.array([6.0, 0.0]))
    for name in ("past", "future", "edge_attr", "spatial_edge_attr"):
        np.testing.assert_allclose(getattr(one, name), getattr(two, name), atol=1e-4)
    np.testing.assert_array_equal(one.edge_index, two.edge_index)


def test_camera_is_what_most_tracks_did():
    """Five boxes move 7 pixels to the right, one runs away."""
    histories, _ = crowd(6, 1)
    detected = histories.newest.copy()
    detected[:, 0] += 7.0
    detected[5, 0] += 300.0
    np.testing.assert_allclose(camera_step(histories.newest, detected), [7.0, 0.0])
    assert camera_step(histories.newest[:2], detected).tolist() == [0, 0]


@pytest.mark.parametrize("frames_lost", [1, 60])
def test_candidates_reach_lost_tracks(frames_lost):
    histories, detected = crowd(3, 1)
    detected[:, 4] += frames_lost
    detected[:, :2] = histories.newest[1, :2]
    graph = association_graph(histories, detected, VIEW, np.zeros(2), candidates=2)
    assert 1 in graph.ends[0]


@given(some.integers(1, 12), some.integers(1, 12), some.integers(1, 4), some.integers(0, 99))
def test_groups_are_as_candidates_apart(tracks, detections, kinds, seed):
    """The candidates of every group, and their ranks and margins, are those that it has when it is alone."""
    histories, detected = crowd(tracks, detections, seed)
    rng = np.random.default_rng(seed)
    of_track, of_detection = (rng.integers(0, kinds, count).astype(float) for count in (tracks, detections))
    whole = association_graph(
        histories, detected, VIEW, np.zeros(2), candidates=2, neighbours=2, groups=(of_track, of_detection)
    )
    links, expected = dict(zip(map(tuple, whole.ends.T.tolist()), whole.edge_attr, strict=True)), {}
    for kind in range(kinds):
        mine, theirs = np.flatnonzero(of_track == kind), np.flatnonzero(of_detection == kind)
        if len(mine) and len(theirs):
            part = Histories()
            for name in ("observations", "count", "prediction_error", "camera", "noise", "appearance"):
                setattr(part, name, getattr(histories, name)[mine])
            alone = association_graph(part, detected[theirs], VIEW, np.zeros(2), candidates=2, neighbours=2)
            ends = zip(mine[alone.ends[0]].tolist(), theirs[alone.ends[1]].tolist(), strict=True)
            expected |= dict(zip(ends, alone.edge_attr, strict=True))
    assert links.keys() == expected.keys()
    for ends, features in links.items():
        np.testing.assert_array_equal(features, expected[ends])
