"""Tracking settings by name."""

from __future__ import annotations

from functools import partial

import pytest

from gnntrack import load_for_tracking, sample, track_offline, track_online
from gnntrack.durations import Duration
from gnntrack.errors import DataError
from gnntrack.models import ModelRecipe
from gnntrack.models.overriding import overridden

ASSOCIATION = ModelRecipe.model_validate({"architecture": {"kind": "association"}})


def test_by_path_and_by_name():
    recipe = overridden(ASSOCIATION, {"links.threshold": 0.4, "memory": "45 frames", "crowd": 3, "smooth": False})
    assert recipe.tracking.links.threshold == 0.4
    assert recipe.tracking.links.memory == Duration(45, "frames")
    assert recipe.tracking.relinking.crowd == 3
    assert not recipe.tracking.boxes.smooth
    assert overridden(ASSOCIATION, {}) == ASSOCIATION
    assert overridden(ASSOCIATION, {"tracking.crowd": 3}) == overridden(ASSOCIATION, {"relinking.crowd": 3})


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"threshold": 0.4}, "name one of links.threshold, relinking.threshold"),
        ({"max_age": 30}, "no setting 'max_age'; here it is links.memory"),
        ({"min_hits": 3}, "here it is births.confirm"),
        ({"links.memry": 3.0}, "did you mean 'links.memory'?"),
        ({"memory": -1}, "memory"),
        ({"memory": 1.0, "links.memory": 2.0}, "links.memory stands twice"),
        ({"tracking.links.memry": 2.0}, "no setting 'tracking.links.memry'; did you mean 'links.memory'?"),
        ({"stages.association.epochs": 2}, "no setting"),
        ({"tracking.memory": 1.0, "links.memory": 2.0}, "links.memory stands twice"),
        ({"": 2.0}, "no setting"),
    ],
)
def test_what_is_no_setting(values, problem):
    with pytest.raises(DataError, match=problem.replace("?", "[?]")):
        overridden(ASSOCIATION, values)


def test_what_does_nothing_for_a_kind_of_model():
    with pytest.raises(DataError, match="does nothing for models of kind message_passing"):
        overridden(ModelRecipe(), {"crowd": 3})


@pytest.mark.parametrize(
    ("way", "values", "problem"),
    [
        (
            "online",
            {"minimum_length": 5},
            "offline.minimum_length does nothing online without a lag; .* tracking offline",
        ),
        ("offline", {"smooth_online": False}, "boxes.smooth_online does nothing offline"),
        ("lag", {"crowd_online": 0}, "does nothing online with a lag; leave it out: it is for tracking online without"),
        ("online", {"crowd": 0}, "it is for tracking online with a lag or offline"),
    ],
)
def test_what_does_nothing_in_a_way_of_tracking(way, values, problem):
    with pytest.raises(DataError, match=problem):
        overridden(ASSOCIATION, values, way)
    assert overridden(ASSOCIATION, values) != ASSOCIATION


WILD = {"minimum_length": 5, "revisions": 1, "gaps": ["1 frames"], "relinking.threshold": 0.9, "threshold_online": 0.9}
WILD |= {"crowd": 0, "crowd_online": 0, "interpolate": "9 frames", "smooth": False, "smooth_online": False}


@pytest.mark.parametrize(("way", "lag"), [("online", 0), ("lag", 5), ("offline", 0)])
def test_what_is_said_to_do_nothing_does_nothing(way, lag):
    model, recipe = load_for_tracking("default")
    boxes = sample("TUD-Campus", "detections")
    run = partial(track_online, lag=lag) if way != "offline" else track_offline
    idle, obeyed = {}, {}
    for name, value in WILD.items():
        try:
            overridden(recipe, {name: value}, way)
            obeyed[name] = value
        except DataError:
            idle[name] = value
    assert len(idle) > 2
    before = run(boxes, model, recipe).boxes
    assert run(boxes, model, overridden(recipe, idle)).boxes.equals(before)
    assert not run(boxes, model, overridden(recipe, obeyed)).boxes.equals(before)
