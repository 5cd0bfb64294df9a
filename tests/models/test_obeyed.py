"""Settings that do nothing for a kind of model are errors; what is declared to be obeyed is looked at."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from pydantic import BaseModel, ValidationError

from gnntrack import recipes
from gnntrack.durations import Duration
from gnntrack.errors import DataError
from gnntrack.models import (
    AssociationNetwork,
    AssociationNetworkSettings,
    LinkSettings,
    ModelRecipe,
    TrackingSettings,
    build_model,
    load_weights,
    save_weights,
)
from gnntrack.models.obeyed import OBEYED, obeys
from gnntrack.sequence import Sequence
from gnntrack.tracking import Tracker, track_offline, track_online

IDLE = {
    "births.usual_share": 0.4,
    "births.score": 0.4,
    "births.trial_share": 0.4,
    "births.trial_score": 0.3,
    "births.trial_overlap": 0.4,
    "births.trial_confirm": 3,
    "births.confirm": 2,
    "births.patience": 4.0,
    "links.confidence_power": 0.4,
    "links.margin": 0.3,
    "links.memory": 3.0,
    "offline.revisions": 1,
    "offline.revision_threshold": 0.4,
    "offline.gap_threshold": 0.4,
    "offline.gaps": (1.0,),
    "relinking.threshold": 0.4,
    "relinking.threshold_online": 0.4,
    "relinking.crowd": 4,
    "relinking.crowd_online": 4,
    "boxes.smooth": False,
    "boxes.smooth_online": False,
}
OBEYED_BY_BOTH = {
    "links.minimum_confidence": 0.4,
    "births.confidence": 0.4,
    "links.threshold": 0.4,
    "offline.minimum_length": 4,
    "boxes.interpolate": "4 frames",
}
MEMORY = TrackingSettings(links=LinkSettings(memory=Duration(3.0)))


def paths() -> set[str]:
    """Of all settings of tracking."""
    return {f"{group}.{name}" for group, settings in TrackingSettings() for name in type(settings).model_fields}


def written(path: str, value: object) -> dict[str, Any]:
    """A recipe that says this."""
    group, _, name = path.partition(".")
    return {"tracking": {group: {name: value}}}


def test_the_two_lists_are_all_settings_of_tracking() -> None:
    assert set(IDLE) | set(OBEYED_BY_BOTH) == paths()


@pytest.mark.parametrize("path", IDLE)
def test_an_idle_setting_says_who_obeys_it(path: str) -> None:
    content = written(path, IDLE[path])
    message = rf"tracking\.{path} does nothing for models of kind message_passing; .*kind: association.* obey it"
    with pytest.raises(DataError, match=message):
        recipes.parse(content, ModelRecipe)
    with pytest.raises(DataError, match=message):
        recipes.changed(ModelRecipe(), {f"tracking.{path}": IDLE[path]})
    recipe = recipes.parse(content | {"architecture": {"kind": "association"}}, ModelRecipe)
    group, _, name = path.partition(".")
    assert recipe.tracking.model_dump()[group][name] == IDLE[path]


@pytest.mark.parametrize("path", OBEYED_BY_BOTH)
@pytest.mark.parametrize("kind", list(OBEYED))
def test_what_both_obey_is_accepted(path: str, kind: str) -> None:
    content = {"architecture": {"kind": kind}} | written(path, OBEYED_BY_BOTH[path])
    group, _, name = path.partition(".")
    assert recipes.parse(content, ModelRecipe).tracking.model_dump()[group][name] == OBEYED_BY_BOTH[path]


@pytest.mark.parametrize("key", ["stretch", "overlay", "merge", "blur", "blind"])
def test_windows_are_not_changed_as_clips_are(key: str) -> None:
    stage = {"augmentation": {key: 0.1}}
    with pytest.raises(DataError, match=rf"unknown key 'stages\.0\.window\.augmentation\.{key}'"):
        recipes.parse({"stages": [stage | {"train": "window"}]}, ModelRecipe)
    stages = [stage | {"train": "association"}]
    recipes.parse({"architecture": {"kind": "association"}, "stages": stages}, ModelRecipe)


def test_a_stage_belongs_to_a_kind_of_model() -> None:
    with pytest.raises(DataError, match=r"stage window trains nothing in models of kind association; name some of: as"):
        recipes.parse({"architecture": {"kind": "association"}, "stages": ["window"]}, ModelRecipe)


def test_without_stages_all_of_the_kind_are_trained() -> None:
    assert [stage.train for stage in ModelRecipe().stages] == ["window"]
    recipe = ModelRecipe(architecture=AssociationNetworkSettings())
    assert [stage.train for stage in recipe.stages] == ["association", "relinking", "smoothing"]


def test_what_training_sets_itself_is_not_set() -> None:
    stages = [{"train": "relinking", "network": {"appearance": True}}]
    with pytest.raises(DataError, match=r"network\.appearance .*does nothing.*takes it from architecture\.appearance"):
        recipes.parse({"architecture": {"kind": "association"}, "stages": stages}, ModelRecipe)


def test_settings_in_python_are_held_to_the_same() -> None:
    with pytest.raises(ValidationError, match=r"links\.memory does nothing for models of kind message_passing"):
        ModelRecipe(tracking=MEMORY)


def test_defaults_may_be_written_down() -> None:
    assert (
        recipes.parse({"tracking": {"links": {"memory": 2}, "boxes": {"smooth": True}}}, ModelRecipe) == ModelRecipe()
    )


def test_weights_with_idle_settings_still_load(tmp_path: Any) -> None:
    """Weights of yesterday: all keys are there, and a default has changed since."""
    recipe = ModelRecipe().model_copy(update={"tracking": MEMORY})
    save_weights(tmp_path / "old.safetensors", build_model(recipe), recipe)
    read = load_weights(tmp_path / "old.safetensors")[1]
    assert read.tracking == MEMORY
    assert recipes.changed(read, {"tracking.links.threshold": 0.4}).tracking.links.memory == MEMORY.links.memory


def recorded(settings: BaseModel, seen: set[str], group: str) -> Any:
    """The same settings, which note what is read."""
    fields = set(type(settings).model_fields)

    class Recorder(type(settings)):  # type: ignore[misc]
        def __getattribute__(self, name: str) -> Any:
            if name in fields:
                seen.add(f"{group}.{name}")
            return super().__getattribute__(name)

    return Recorder.model_construct(**dict(settings))


def test_what_is_declared_is_what_trackers_read(two_walkers: Sequence) -> None:
    """Memory is read before it is known what kind of model it is; it is left out by name."""
    torch.manual_seed(0)
    recipe, seen = ModelRecipe(), set[str]()
    groups = {group: recorded(settings, seen, group) for group, settings in recipe.tracking}
    watched = recipe.model_copy(update={"tracking": recipe.tracking.model_copy(update=groups)})
    model = build_model(recipe)
    track_offline(two_walkers, model, watched)
    track_online(two_walkers, model, watched)
    declared = {path for path in paths() if obeys("message_passing", f"tracking.{path}")}
    assert seen - {"links.memory"} == declared


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
