"""Training of the smoothing network: it learns, the same each time, and leaves the association network alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gnntrack import recipes
from gnntrack.association.histories import FRAME, NEWEST
from gnntrack.datasets.labelled import Labelled, label_detections
from gnntrack.errors import DataError
from gnntrack.models import (
    AssociationNetwork,
    AssociationNetworkSettings,
    ModelRecipe,
    SmoothingNetworkSettings,
    SmoothingStageSettings,
    TrackletNetworkSettings,
)
from gnntrack.smoothing import boxes
from gnntrack.smoothing.online_features import newest_features, newest_versions
from gnntrack.tracking import track_offline, track_online
from gnntrack.tracking.stages import stages_of
from gnntrack.training import smoothing_examples
from gnntrack.training.job import Job, StageData
from gnntrack.training.smoothing_examples import Tracking
from gnntrack.training.smoothing_training import mean_overlap, train_smoothing_network
from tests.conftest import make_sequence
from tests.smoothing.test_boxes import noisy

TRACKING = {
    "births": {"score": 0.0, "confidence": 0.3},
    "links": {"threshold": 0.1},
    "offline": {"minimum_length": 1},
}


@pytest.fixture
def network() -> AssociationNetwork:
    torch.manual_seed(0)
    shape = AssociationNetworkSettings(hidden=8, rounds=1, tracklets=TrackletNetworkSettings(hidden=8, members=1))
    return AssociationNetwork(shape).eval()


def recipe(network: AssociationNetwork, **training: float) -> ModelRecipe:
    wanted = {"network": SmoothingNetworkSettings(hidden=8), "steps": 200, "batch_size": 64} | training
    return ModelRecipe(
        architecture=network.settings,
        tracking=TRACKING,
        stages=(SmoothingStageSettings(**wanted),),
    )


def trained(network, model_recipe, training, seed=0, validation=()):
    """The networks after the stage, and their recipe."""
    job = Job(network, model_recipe, StageData(training, list(validation)), seed)
    return train_smoothing_network(job, model_recipe.stages[0])


def labelled(seed: int = 0) -> Labelled:
    truth, detections = (make_sequence(rows) for rows in noisy(seed))
    boxes = detections.boxes.assign(id=-1, conf=0.9)
    return label_detections(make_sequence(boxes.to_numpy().tolist(), " ".join(boxes.columns)), truth)


@pytest.mark.parametrize(("mode", "gain"), [("offline", 0.02), ("online", 0.005)])
def test_it_learns_to_smooth(network, mode, gain):
    model, made = trained(network, recipe(network), [labelled(0), labelled(1)])
    look = getattr(smoothing_examples, mode)
    unseen = Tracking(network, made, look).examples(labelled(2), 0, np.random.default_rng(0))
    before, after = mean_overlap(getattr(model.smoothing, mode), unseen)
    assert after > before + gain
    assert not model.training


def test_what_is_learned_from_online_is_what_the_tracker_sees(network, monkeypatch):
    """The features that the filter meets while tracking are those of training, row by row."""
    model, made = trained(network, recipe(network, steps=5), [labelled()])
    sequence = labelled(3).sequence
    met = []
    smooth_newest = boxes._smooth_newest

    def noted(past, count, noise, smoothed, last_detection, seen, frame, frame_rate, *layers):
        tracks = np.flatnonzero(past[:, NEWEST, FRAME] == frame)
        versions = newest_versions(past, count, tracks)
        met.append(newest_features(past, count, noise.copy(), tracks, versions, frame_rate))
        return smooth_newest(past, count, noise, smoothed, last_detection, seen, frame, frame_rate, *layers)

    expected = smoothing_examples.online(sequence, network, made).features
    stages_of(model, made).prepare()  # which goes through frames of its own, once a process
    monkeypatch.setattr(boxes, "_smooth_newest", noted)
    track_online(sequence, model, made)
    np.testing.assert_array_equal(np.concatenate(met), expected)


def test_the_offline_tracker_uses_it_where_it_is_wanted(network):
    model, made = trained(network, recipe(network, steps=5), [labelled()])
    plain = recipes.changed(made, {"tracking.boxes.smooth": False})
    sequence = labelled(3).sequence
    with_it, without = (track_offline(sequence, model, each).boxes for each in (made, plain))
    assert with_it[["frame", "id", "detection"]].equals(without[["frame", "id", "detection"]])
    assert not np.allclose(with_it["x"], without["x"])
    rows = without["detection"].to_numpy()
    np.testing.assert_array_equal(without["x"], sequence.boxes["x"].to_numpy()[rows])


def test_all_other_networks_stay_as_they_were(network):
    model, made = trained(network, recipe(network, steps=5), [labelled()], 0, [labelled(1)])
    assert made.architecture.smoothing == model.smoothing.settings == SmoothingNetworkSettings(hidden=8)
    for name, value in network.state_dict().items():
        torch.testing.assert_close(model.state_dict()[name], value, rtol=0, atol=0)


def test_the_same_seed_gives_the_same_network(network):
    one, other = (trained(network, recipe(network, steps=9), [labelled()], 3)[0] for _ in "ab")
    for name, value in one.state_dict().items():
        torch.testing.assert_close(other.state_dict()[name], value, rtol=0, atol=0)


def test_without_annotations_there_is_nothing_to_learn(network):
    item = labelled()
    with pytest.raises(DataError, match="no tracked box to learn from"):
        trained(network, recipe(network), [Labelled(item.sequence, item.identity)])
