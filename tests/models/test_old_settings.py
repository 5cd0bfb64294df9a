"""Settings of weights of yesterday: found in their new places, times as the frames that they were."""

from __future__ import annotations

import json
from typing import Any

import pytest
from safetensors.torch import save_file

from gnntrack import recipes
from gnntrack.durations import Duration
from gnntrack.errors import DataError
from gnntrack.models import (
    AssociationNetworkSettings,
    ModelRecipe,
    TrackingSettings,
    TrackletNetworkSettings,
    build_model,
    load_weights,
)
from gnntrack.models.old_settings import MOVED, upgraded

OLD: dict[str, Any] = {
    "minimum_confidence": 0.11,
    "birth_confidence": 0.12,
    "birth_relative": 0.13,
    "birth_score": 0.14,
    "unsure_birth": 0.15,
    "unsure_score": 0.16,
    "unsure_overlap": 0.17,
    "unsure_confirm": 3,
    "link_threshold": 0.18,
    "confidence_power": 0.19,
    "confirm": 4,
    "patience": 5,
    "memory": 61,
    "minimum_length": 6,
    "revisions": 7,
    "revision_threshold": 0.21,
    "join_threshold": 0.22,
    "join_gaps": [21, 62],
    "relink_threshold": 0.23,
    "relink_threshold_online": 0.24,
    "relink_crowd": 8,
    "relink_crowd_online": 9,
    "interpolate": 22,
    "smooth": False,
    "smooth_online": False,
}
NEW = {
    "births": {
        "confidence": 0.12,
        "usual_share": 0.13,
        "score": 0.14,
        "confirm": 4,
        "patience": "5 frames",
        "trial_share": 0.15,
        "trial_score": 0.16,
        "trial_overlap": 0.17,
        "trial_confirm": 3,
    },
    "links": {
        "minimum_confidence": 0.11,
        "threshold": 0.18,
        "confidence_power": 0.19,
        "margin": 0.0,
        "memory": "61 frames",
    },
    "offline": {
        "minimum_length": 6,
        "revisions": 7,
        "revision_threshold": 0.21,
        "gaps": ("21 frames", "62 frames"),
        "gap_threshold": 0.22,
    },
    "relinking": {"threshold": 0.23, "threshold_online": 0.24, "crowd": 8, "crowd_online": 9},
    "boxes": {"interpolate": "22 frames", "smooth": False, "smooth_online": False},
}
SHAPE = AssociationNetworkSettings(hidden=8, rounds=1, tracklets=TrackletNetworkSettings(hidden=8, members=1))


def old_weights(path: Any, association: dict[str, Any], reach: Any = 90) -> Any:
    """A file as it was written when all settings of tracking were one flat list."""
    shape = json.loads(SHAPE.model_dump_json())
    shape["tracklets"]["reach"] = reach
    recipe = {"architecture": shape, "association": association, "training": {"tracklets": {"network": {"reach": 80}}}}
    tensors = build_model(ModelRecipe(architecture=SHAPE)).state_dict()
    save_file(tensors, path, {"format": "gnntrack weights 2", "recipe": json.dumps(recipe)})
    return path


def test_every_setting_finds_its_place(tmp_path: Any) -> None:
    recipe = load_weights(old_weights(tmp_path / "old.safetensors", OLD))[1]
    assert recipe.tracking.model_dump() == NEW
    assert isinstance(recipe.architecture, AssociationNetworkSettings) and recipe.architecture.tracklets is not None
    assert recipe.architecture.tracklets.reach == Duration(90, "frames")
    assert [stage.network.reach for stage in recipe.stages if stage.train == "relinking"] == [Duration(80, "frames")]
    assert set(MOVED) == set(OLD)


def test_times_that_are_not_said_are_the_frames_that_they_were(tmp_path: Any) -> None:
    """Not the seconds that are the defaults now."""
    tracking = load_weights(old_weights(tmp_path / "old.safetensors", {}))[1].tracking.model_dump()
    assert (tracking["births"]["patience"], tracking["links"]["memory"]) == ("2 frames", "60 frames")
    assert (tracking["offline"]["gaps"], tracking["boxes"]["interpolate"]) == (("20 frames", "60 frames"), "20 frames")


@pytest.mark.parametrize("name", ["default"])
def test_the_shipped_weights_keep_their_frames(name: str) -> None:
    recipe = load_weights(name)[1]
    assert recipe.tracking.links.memory == Duration(60, "frames")
    assert isinstance(recipe.architecture, AssociationNetworkSettings) and recipe.architecture.tracklets is not None
    assert recipe.architecture.tracklets.reach == Duration(120, "frames")


@pytest.mark.parametrize(
    ("association", "message"),
    [
        ({"memory": 0}, r"tracking\.links\.memory: expected more than 0 frames"),
        ({"memory": 2.5}, r"tracking\.links\.memory: expected seconds"),
        ({"memory": "soon"}, r"tracking\.links\.memory: expected seconds"),
        ({"memory": 10**9}, r"tracking\.links\.memory: expected from 0 to 108000 frames"),
        ({"memry": 60}, r"unknown key 'tracking\.memry'"),
        (3, r"unknown key 'association'"),
    ],
)
def test_what_was_wrong_is_wrong(tmp_path: Any, association: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        load_weights(old_weights(tmp_path / "old.safetensors", association))


def test_whole_numbers_may_be_written_as_fractions() -> None:
    assert upgraded({"association": {"memory": 60.0}})["tracking"]["links"] == {"memory": "60 frames"}


@pytest.mark.parametrize("part", ["association", "tracking"])
@pytest.mark.parametrize("old", MOVED)
def test_in_a_recipe_the_old_name_says_the_new_one(part: str, old: str) -> None:
    message = rf"unknown key '{part}\.{old}'; it is tracking\.{MOVED[old]}( \(a number is seconds there.*\))? now"
    with pytest.raises(DataError, match=message):
        recipes.parse({part: {old: OLD[old]}}, ModelRecipe)


def test_new_places_exist() -> None:
    known = {f"{group}.{name}" for group, part in TrackingSettings() for name in type(part).model_fields}
    assert set(MOVED.values()) == known - {"links.margin"}  # which came later
