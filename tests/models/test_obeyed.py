"""Settings that do nothing for a kind of model are errors; what is declared to be obeyed is looked at."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from pydantic import BaseModel, ValidationError

from gnntrack import recipes
from gnntrack.errors import DataError
from gnntrack.models import (
    AssociationNetwork,
    AssociationNetworkSettings,
    AssociationSettings,
    ModelRecipe,
    TrainingSettings,
    build_model,
    load_weights,
    save_weights,
)
from gnntrack.models.obeyed import OBEYED, obeys
from gnntrack.sequence import Sequence
from gnntrack.tracking import Tracker, track_offline, track_online

IDLE = {
    "birth_relative": 0.4,
    "birth_score": 0.4,
    "unsure_birth": 0.4,
    "unsure_score": 0.3,
    "unsure_overlap": 0.4,
    "unsure_confirm": 3,
    "confidence_power": 0.4,
    "confirm": 2,
    "patience": 4,
    "memory": 90,
    "revisions": 1,
    "revision_threshold": 0.4,
    "join_threshold": 0.4,
    "join_gaps": [10],
    "relink_threshold": 0.4,
    "relink_threshold_online": 0.4,
    "relink_crowd": 4,
    "relink_crowd_online": 4,
    "smooth": False,
    "smooth_online": False,
}
OBEYED_BY_BOTH = {
    "minimum_confidence": 0.4,
    "birth_confidence": 0.4,
    "link_threshold": 0.4,
    "minimum_length": 4,
    "interpolate": 4,
}
IDLE_TRAINING: list[dict[str, Any]] = [
    {"rollout": {"length": 50}},
    {"tracklets": {"steps": 9}},
    {"tracklets": {"network": {"hidden": 8}}},
    {"smoothing": {"steps": 9}},
    {"learn": "boxes"},
    *({"augmentation": {key: 0.1}} for key in ("stretch", "overlay", "merge", "blur", "blind")),
]


def test_the_two_lists_are_all_association_settings() -> None:
    assert set(IDLE) | set(OBEYED_BY_BOTH) == set(AssociationSettings.model_fields)


@pytest.mark.parametrize("key", IDLE)
def test_an_idle_association_setting_says_who_obeys_it(key: str) -> None:
    content: dict[str, Any] = {"association": {key: IDLE[key]}}
    message = rf"association\.{key} does nothing for models of kind message_passing; .*kind: association.* obey it"
    with pytest.raises(DataError, match=message):
        recipes.parse(content, ModelRecipe)
    recipe = recipes.parse(content | {"architecture": {"kind": "association"}}, ModelRecipe)
    assert recipe.association != AssociationSettings()


@pytest.mark.parametrize("key", OBEYED_BY_BOTH)
@pytest.mark.parametrize("kind", list(OBEYED))
def test_what_both_obey_is_accepted(key: str, kind: str) -> None:
    content = {"architecture": {"kind": kind}, "association": {key: OBEYED_BY_BOTH[key]}}
    assert getattr(recipes.parse(content, ModelRecipe).association, key) == OBEYED_BY_BOTH[key]


@pytest.mark.parametrize("training", IDLE_TRAINING)
def test_idle_training_settings(training: dict[str, Any]) -> None:
    with pytest.raises(DataError, match=r"training\.[a-z.]+ does nothing for models of kind message_passing"):
        recipes.parse({"training": training}, ModelRecipe)
    recipes.parse({"architecture": {"kind": "association"}, "training": training}, ModelRecipe)


def test_what_training_sets_itself_is_idle_everywhere() -> None:
    training = {"tracklets": {"network": {"appearance": True}}}
    with pytest.raises(DataError, match=r"network\.appearance does nothing.*takes it from architecture\.appearance"):
        recipes.parse({"architecture": {"kind": "association"}, "training": training}, ModelRecipe)


def test_settings_in_python_are_held_to_the_same() -> None:
    with pytest.raises(ValidationError, match=r"association\.memory does nothing for models of kind message_passing"):
        ModelRecipe(association=AssociationSettings(memory=90))


def test_defaults_may_be_written_down() -> None:
    assert recipes.parse({"association": {"memory": 60, "smooth": True}}, ModelRecipe) == ModelRecipe()


def test_weights_with_idle_settings_still_load(tmp_path: Any) -> None:
    """Weights of yesterday: all keys are there, and a default has changed since."""
    recipe = ModelRecipe().model_copy(update={"association": AssociationSettings(memory=90)})
    save_weights(tmp_path / "old.safetensors", build_model(recipe), recipe)
    assert load_weights(tmp_path / "old.safetensors")[1].association.memory == 90


def recorded(settings: BaseModel, seen: set[str]) -> Any:
    """The same settings, which note what is read."""
    fields = set(type(settings).model_fields)

    class Recorder(type(settings)):  # type: ignore[misc]
        def __getattribute__(self, name: str) -> Any:
            if name in fields:
                seen.add(name)
            return super().__getattribute__(name)

    return Recorder.model_construct(**dict(settings))


def test_what_is_declared_is_what_trackers_read(two_walkers: Sequence) -> None:
    """Two are read before it is known what kind of model it is; they are left out by name."""
    torch.manual_seed(0)
    recipe, seen = ModelRecipe(), set[str]()
    watched = recipe.model_copy(update={"association": recorded(recipe.association, seen)})
    model = build_model(recipe)
    track_offline(two_walkers, model, watched)
    track_online(two_walkers, model, watched)
    declared = {key for key in AssociationSettings.model_fields if obeys("message_passing", f"association.{key}")}
    assert seen - {"memory", "smooth"} == declared


@pytest.mark.parametrize("rounding", ["exact", "greedy"])
def test_rounding_is_idle_online_for_association_networks(rounding: Any, two_walkers: Sequence) -> None:
    shape = AssociationNetworkSettings(hidden=8, rounds=1)
    network, recipe = AssociationNetwork(shape).eval(), ModelRecipe(architecture=shape)
    message = rf"rounding: {rounding} does nothing online for models of kind association; leave it out"
    with pytest.raises(DataError, match=message):
        Tracker(network, recipe, rounding=rounding)
    with pytest.raises(DataError, match=message):
        track_online(two_walkers, network, recipe, rounding)
    track_offline(two_walkers, network, recipe, rounding)
    Tracker(build_model(ModelRecipe()), ModelRecipe(), rounding=rounding).update(np.zeros((0, 6)))


def test_training_settings_of_window_models_are_all_declared() -> None:
    """A new training setting has to be declared for one kind or the other."""
    known = {"augmentation", "rollout", "tracklets", "smoothing", "learn"}
    plain = {key for key in TrainingSettings.model_fields if obeys("message_passing", f"training.{key}")}
    assert plain | known == set(TrainingSettings.model_fields) and not plain & known
