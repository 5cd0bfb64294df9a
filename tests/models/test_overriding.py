"""Tracking settings by name."""

from __future__ import annotations

import pytest

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


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"threshold": 0.4}, "name one of links.threshold, relinking.threshold"),
        ({"max_age": 30}, "no setting 'max_age'; here it is links.memory"),
        ({"min_hits": 3}, "here it is births.confirm"),
        ({"links.memry": 3.0}, "did you mean 'links.memory'?"),
        ({"memory": -1}, "memory"),
        ({"memory": 1.0, "links.memory": 2.0}, "links.memory stands twice"),
        ({"tracking.links.memory": 2.0}, "no setting"),
        ({"": 2.0}, "no setting"),
    ],
)
def test_what_is_no_setting(values, problem):
    with pytest.raises(DataError, match=problem.replace("?", "[?]")):
        overridden(ASSOCIATION, values)


def test_what_does_nothing_for_a_kind_of_model():
    with pytest.raises(DataError, match="does nothing for models of kind message_passing"):
        overridden(ModelRecipe(), {"crowd": 3})
