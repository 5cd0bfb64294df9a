"""What a run is refused for before anything is written."""

from __future__ import annotations

import pytest

from gnntrack.errors import DataError
from gnntrack.models import RelinkingStageSettings, SmoothingStageSettings, TrainingRecipe
from gnntrack.training import RunOptions
from gnntrack.training.beginning import begin
from gnntrack.training.reading import load_recipe


def test_epochs_of_stages_that_count_steps_are_refused() -> None:
    recipe = TrainingRecipe(stages=(RelinkingStageSettings(), SmoothingStageSettings()))
    with pytest.raises(DataError, match="no stage of the recipe counts epochs; leave out --epochs"):
        begin(recipe, RunOptions(epochs=3, start="default"))
    assert [stage.train for stage in begin(recipe, RunOptions(start="default"))[1].stages] == ["relinking", "smoothing"]


def test_epochs_reach_the_stages_that_count_them() -> None:
    recipe = load_recipe("association")[0]
    assert [getattr(stage, "epochs", None) for stage in begin(recipe, RunOptions(epochs=3))[1].stages] == [
        3,
        None,
        None,
    ]


@pytest.mark.parametrize("workers", [-1, 1.5, "2", True])
def test_workers_are_a_number_from_0(workers) -> None:
    recipe = load_recipe("mpn")[0]
    with pytest.raises(DataError, match=r"^workers "):
        begin(recipe, RunOptions(workers=workers))
