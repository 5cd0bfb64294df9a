"""Adapting weights to boxes without annotations: what is true there, what is checked, and when the start stays."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gnntrack.datasets.labelled import Labelled
from gnntrack.errors import DataError
from gnntrack.models import (
    AssociationNetworkSettings,
    AssociationStageSettings,
    ModelRecipe,
    TrainingRecipe,
    build_model,
    load_weights,
    save_weights,
)
from gnntrack.models.augmentation_settings import AugmentationSettings
from gnntrack.training import RunOptions, adaptation, self_taught
from gnntrack.training.adaptation import adapt, check_clips
from gnntrack.training.reading import load_recipe
from gnntrack.training.self_taught import own_identities
from tests.conftest import make_sequence

MILD = AugmentationSettings(
    flip=0, jitter=0, drift=0, pan=0, doubt=0, drop=0.3, drop_run=0, spurious=0, skip=1, stretch=0, overlay=0
)
STAGE = AssociationStageSettings(
    labels="tracks", loss="softmax", epochs=2, steps=3, batch_size=2, length=12, window=2, augmentation=MILD
)
RECIPE = TrainingRecipe(stages=(STAGE,))
QUIET = {"progress": False}


@pytest.fixture(autouse=True)
def few_checks(monkeypatch):
    monkeypatch.setattr(adaptation, "CHECKS", 3)


def walkers(frames=60):
    """Three people, far apart, who walk to the right; without identities."""
    rows = [(frame, -1, 40.0 + 3 * frame, 80.0 * who, 20, 50) for frame in range(1, frames + 1) for who in (1, 2, 3)]
    return make_sequence(rows)


@pytest.fixture
def start(tmp_path):
    """Weights of a network that has learned nothing but links what is near, because links need little."""
    torch.manual_seed(0)
    recipe = ModelRecipe(
        architecture=AssociationNetworkSettings(hidden=8, rounds=1),
        tracking={"births": {"score": 0.0}, "links": {"threshold": 0.05}, "offline": {"minimum_length": 2}},
    )
    path = tmp_path / "start.safetensors"
    save_weights(path, build_model(recipe), recipe)
    return path


@pytest.fixture
def scored(monkeypatch):
    """Lets the check say what a test wants: scores of the start and after each epoch."""

    def of(*scores):
        left = iter(scores)
        monkeypatch.setattr(self_taught, "association_scores", lambda *_: np.array(next(left)))

    return of


def equal(one, other):
    return all(torch.equal(tensor, other.state_dict()[name]) for name, tensor in one.state_dict().items())


def test_own_identities_are_those_of_the_offline_tracks():
    model, recipe = load_weights("default")
    boxes = walkers()
    identity = own_identities(boxes, model, recipe)
    for _, track in boxes.boxes.assign(own=identity).groupby("y"):
        assert track["own"].nunique() == 1
    assert len(set(identity.tolist())) == 3 and identity.min() > 0


def test_boxes_in_no_track_have_no_identity():
    model, recipe = load_weights("default")
    rows = [*walkers().boxes[["frame", "id", "x", "y", "w", "h"]].itertuples(index=False, name=None)]
    boxes = make_sequence([*rows, (30, -1, 500.0, 400.0, 20, 50)])
    identity = own_identities(boxes, model, recipe)
    assert (identity[boxes.boxes["x"] == 500.0] == -1).all()
    assert (identity[boxes.boxes["x"] != 500.0] > 0).all()


def test_check_clips_are_the_video_disturbed_and_the_same_for_the_same_seed(monkeypatch):
    monkeypatch.setattr(adaptation, "CHECKS", 12)
    boxes = walkers()
    person = (boxes.boxes["y"] / 80).to_numpy().astype(int)
    clips, again, others = (check_clips([Labelled(boxes, person)], STAGE, 0.1, seed) for seed in (0, 0, 1))
    assert len(clips) == adaptation.CHECKS
    for clip, twin in zip(clips, again, strict=True):
        assert clip.sequence.boxes.equals(twin.sequence.boxes) and (clip.identity == twin.identity).all()
        true = clip.identity >= 0
        assert (clip.identity == (clip.sequence.boxes["y"] / 80).round().to_numpy())[true].all()
        assert clip.sequence.length <= STAGE.length
    assert any(len(clip.sequence) < 3 * STAGE.length for clip in clips), "some boxes are dropped"
    assert not all(one.sequence.boxes.equals(two.sequence.boxes) for one, two in zip(clips, others, strict=True))


def test_what_is_checked_is_not_learned_from(start, tmp_path, monkeypatch):
    given = []
    monkeypatch.setattr(adaptation, "train_stages", lambda data, *_: given.extend(data))
    monkeypatch.setattr(adaptation, "own_identities", lambda boxes, *_: np.arange(len(boxes)) % 3)
    seen = []
    monkeypatch.setattr(adaptation, "check_clips", lambda held_out, *_: seen.extend(held_out) or [])
    adapt([walkers()], RECIPE, tmp_path / "run", RunOptions(start=start, **QUIET))
    (learned,), (checked,) = given[0].training, seen
    assert learned.sequence.frames.max() == learned.sequence.length == 45
    assert (checked.sequence.frames.min(), checked.sequence.frames.max(), checked.sequence.length) == (1, 15, 15)
    assert checked.sequence.boxes["x"].min() == 40 + 3 * 46
    assert (np.append(learned.identity, checked.identity) == np.arange(180) % 3).all()


@pytest.mark.parametrize("after", [[0.6, 0.61, 0.62], [0.4, 0.5, 0.65], [0.35, 0.5, 0.6]])
def test_weights_that_are_not_worse_beyond_chance_are_kept(start, tmp_path, scored, after):
    scored([0.5, 0.5, 0.5], after, [0.1, 0.11, 0.12])  # the last epoch is worse, so the first counts
    model = adapt([walkers()], RECIPE, tmp_path / "run", RunOptions(start=start, **QUIET))
    assert not equal(model, load_weights(start)[0])
    assert equal(model, load_weights(tmp_path / "run" / "weights.safetensors")[0])


@pytest.mark.parametrize("after", [[0.4, 0.41, 0.42], [0.5, 0.5, 0.5]])
def test_the_start_is_kept_where_all_is_worse_beyond_chance_or_the_same(start, tmp_path, scored, capsys, after):
    scored([0.5, 0.5, 0.5], after, after)
    model = adapt([walkers()], RECIPE, tmp_path / "run", RunOptions(start=start))
    assert equal(model, load_weights(start)[0])
    assert "kept the weights of the start: no epoch has a higher score" in capsys.readouterr().err


def test_of_epochs_that_are_not_worse_the_last_counts(start, tmp_path, scored, capsys):
    scored([0.5, 0.5, 0.5], [0.9, 0.91, 0.92], [0.6, 0.61, 0.62])
    adapt([walkers()], RECIPE, tmp_path / "run", RunOptions(start=start))
    assert "kept the weights of epoch 2" in capsys.readouterr().err


def test_the_teacher_labels_anew_in_every_epoch(start, tmp_path, monkeypatch):
    asked = []

    def identities(boxes, network, recipe):
        asked.append([parameter.detach().clone() for parameter in network.parameters()])
        return np.arange(len(boxes)) % 3

    monkeypatch.setattr(self_taught, "own_identities", identities)
    adapt([walkers()], RECIPE, tmp_path / "run", RunOptions(start=start, **QUIET))
    first, second = asked
    begun = load_weights(start)[0].parameters()
    assert all(torch.equal(one, other) for one, other in zip(first, begun, strict=True))
    assert not all(torch.equal(one, other) for one, other in zip(first, second, strict=True))


def test_the_shipped_recipe_adapts_by_tracks():
    recipe, _ = load_recipe("adapt")
    assert [stage.labels for stage in recipe.stages] == ["tracks"]


@pytest.mark.parametrize(
    ("videos", "recipe", "message"),
    [
        ([walkers(5)], RECIPE, "too few boxes to adapt to; give videos with at least 20 boxes"),
        ([walkers(24)], RECIPE, "no tracks to check the result on; give longer videos"),
        ([walkers()], load_recipe("tune")[0], "the stage association learns from annotations, and there are none"),
    ],
)
def test_what_is_refused(start, tmp_path, videos, recipe, message):
    with pytest.raises(DataError, match=message):
        adapt(videos, recipe, tmp_path / "run", RunOptions(start=start, **QUIET))
    assert not (tmp_path / "run").exists()
