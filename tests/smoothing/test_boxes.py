"""Smoothing moves boxes and nothing else; the offline tracker does it where weights and settings say so."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gnntrack import recipes
from gnntrack.association.histories import LENGTH, Histories
from gnntrack.association.life_cycle import TrackPool
from gnntrack.association.settings import BirthSettings, LinkNetworkSettings, LinkSettings
from gnntrack.geometry import iou
from gnntrack.models import (
    AssociationNetwork,
    AssociationNetworkSettings,
    BoxMixer,
    ModelRecipe,
    SmoothingNetworkSettings,
)
from gnntrack.sequence import BOX, LARGEST_COORDINATE, View
from gnntrack.smoothing.boxes import BoxFilter, smooth
from gnntrack.smoothing.compiled_network import mix
from gnntrack.smoothing.feature_columns import NOISE_COLUMNS, OFFLINE_FEATURES, ONLINE_FEATURES
from gnntrack.smoothing.features import smoothed
from gnntrack.smoothing.online_features import newest_versions
from gnntrack.tracking import Tracker, track_online
from tests.conftest import Detections, make_sequence
from tests.smoothing.test_features import walk


@pytest.fixture
def network() -> BoxMixer:
    torch.manual_seed(0)
    return BoxMixer(SmoothingNetworkSettings(hidden=8), OFFLINE_FEATURES).eval()


def noisy(seed: int = 0) -> tuple[list, list]:
    """Two people who walk past each other, as they are and as a poor detector sees them."""
    rng = np.random.default_rng(seed)
    truth = [
        (frame, who, 300.0 + (2 * who - 3) * 4 * (frame - 20), 100.0 + 5 * who, 40.0, 100.0)
        for frame in range(1, 41)
        for who in (1, 2)
    ]
    detections = [(*row[:2], *(np.array(row[2:]) + rng.normal(0, 3, 4))) for row in truth]
    return truth, detections


def test_shares_add_up_and_the_compiled_mix_is_the_same(network):
    features = torch.randn(50, OFFLINE_FEATURES)
    network.standardise(features * 3 + 1)
    with torch.no_grad():
        shares = network(features)
    torch.testing.assert_close(shares.sum(1), torch.ones(50, 4))
    versions = np.random.default_rng(0).normal(0, 50, (50, shares.shape[1], 4))
    expected = (shares.numpy() * versions).sum(1)
    np.testing.assert_allclose(mix(features.numpy(), versions, network.gathered()), expected, atol=1e-3)


def test_boxes_move_and_nothing_else(network):
    tracks = make_sequence(noisy()[1])
    result = smooth(tracks, network.gathered())
    others = [name for name in tracks.boxes if name not in BOX]
    assert result.boxes[others].equals(tracks.boxes[others])
    assert not np.allclose(result.xywh, tracks.xywh)


def test_an_even_mix_is_nearer_to_the_truth(network):
    with torch.no_grad():
        network.second.weight.zero_()
        network.second.bias.zero_()
    truth, detections = (make_sequence(rows) for rows in noisy())
    before, after = (
        iou(truth.xywh, boxes.xywh).mean() for boxes in (detections, smooth(detections, network.gathered()))
    )
    assert after > before + 0.02


def test_empty(network):
    tracks = make_sequence(noisy()[1])
    nothing = tracks.take(np.zeros(len(tracks), dtype=bool))
    assert len(smooth(nothing, network.gathered())) == 0


@pytest.mark.parametrize("size", [10.0, 1e-8, 1e-180])
def test_at_the_edge_of_what_is_possible_offline(network, size):
    edge = LARGEST_COORDINATE
    rows = [(frame, 1, edge - (frame % 2) * 5, -edge + (frame % 2) * 5, size, size) for frame in range(1, 9)]
    assert len(smooth(make_sequence(rows), network.gathered())) == 8


def histories(box: np.ndarray) -> Histories:
    """A track with these boxes, one a frame."""
    detections = np.column_stack([box, 1.0 + np.arange(len(box)), np.full(len(box), 0.9)])
    result = Histories(NOISE_COLUMNS)
    result.add(detections[:1], np.zeros(2))
    for row in detections[1:]:
        result.extend(np.array([0]), row[None], np.zeros(2))
    return result


@pytest.mark.parametrize("frames", [1, 2, 9, LENGTH, 80])
def test_online_the_newest_box_is_the_last_of_the_track_so_far(frames):
    box = walk(frames, noise=4.0)
    track = histories(box)
    online = newest_versions(track.observations, track.count, np.array([0]))[0]
    recent = box[-LENGTH:]
    sure = np.full(len(recent), 0.9)
    edges = np.array([0, len(recent)])
    offline = smoothed(recent, np.arange(len(recent)), sure, sure > 0, edges, 25.0).versions[-1]
    np.testing.assert_allclose(online, offline, atol=1e-8)


def test_the_noise_is_remembered_not_looked_up_again():
    """Features of a steady track and of a noisy one differ; the same is known after any number of frames."""
    mixer = BoxMixer(SmoothingNetworkSettings(hidden=8), ONLINE_FEATURES)
    known = []
    for noise in (0.0, 5.0):
        pool = TrackPool(BirthSettings(), LinkSettings(), View(640, 480, 25.0), LinkNetworkSettings(), NOISE_COLUMNS)
        track = pool.histories = histories(walk(1, noise))
        subject = BoxFilter(mixer.gathered(), 25.0, pool)
        for number, row in enumerate(walk(60, noise)[1:]):
            detections = np.array([[*row, number + 2.0, 0.9]])
            track.extend(np.array([0]), detections, np.zeros(2))
            known.append(subject.versions(np.array([0]))[1][0])
        assert np.isfinite(known).all()
    steady, shaken = np.array(known).reshape(2, 59, -1)[:, -20:]
    block = slice(36, 60)  # how far the versions usually are apart
    assert (steady[:, block].mean(0) < shaken[:, block].mean(0)).all()


@pytest.fixture
def tracker_parts() -> tuple[AssociationNetwork, ModelRecipe]:
    torch.manual_seed(0)
    shape = AssociationNetworkSettings(hidden=8, rounds=1, smoothing=SmoothingNetworkSettings(hidden=8))
    wanted = {"births": {"score": 0.0, "confidence": 0.3}, "links": {"threshold": 0.1}}
    return AssociationNetwork(shape).eval(), ModelRecipe(architecture=shape, tracking=wanted)


def without_smoothing(recipe: ModelRecipe) -> ModelRecipe:
    return recipes.changed(recipe, {"tracking.boxes.smooth_online": False, "tracking.boxes.smooth": False})


def test_online_boxes_are_filtered_where_it_is_wanted(tracker_parts):
    model, recipe = tracker_parts
    detections = make_sequence([(*row, 0.9) for row in noisy()[1]], "frame id x y w h conf").without_ids()
    filtered, plain = (track_online(detections, model, each).boxes for each in (recipe, without_smoothing(recipe)))
    assert filtered[["frame", "id", "detection"]].equals(plain[["frame", "id", "detection"]])
    assert not np.allclose(filtered["x"], plain["x"])
    rows = plain["detection"].to_numpy()
    np.testing.assert_array_equal(plain[BOX], detections.boxes[BOX].to_numpy()[rows])


def test_supervision_gets_the_filtered_boxes_and_keeps_its_own(tracker_parts):
    model, recipe = tracker_parts
    trackers = [Tracker(model, each, width=640, height=480) for each in (recipe, recipe)]
    for frame in range(6):
        corners = np.array([[10.0 + frame + (frame % 2) * 6, 20, 50, 90]])
        detections = Detections(corners.copy(), np.array([0.9]), np.array([0]))
        tracked = trackers[0].update(detections)
        array = trackers[1].update(np.column_stack([corners, [[0.9, 0.0]]]))
        np.testing.assert_array_equal(detections.xyxy, corners)
        np.testing.assert_allclose(tracked.xyxy, array[:, :4])
        np.testing.assert_array_equal(tracked.tracker_id, array[:, 4])


@pytest.mark.parametrize("size", [10.0, 1e-8])
def test_at_the_edge_of_what_is_possible_online(tracker_parts, size):
    edge = LARGEST_COORDINATE
    rows = [(frame, -1, edge - (frame % 2) * size / 2, -edge, size, size) for frame in range(1, 9)]
    boxes = track_online(make_sequence(rows), *tracker_parts).boxes
    assert len(boxes) == 8
    assert (boxes[["w", "h"]] > 0).all(axis=None)
