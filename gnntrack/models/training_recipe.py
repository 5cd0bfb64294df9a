"""The training recipe: which stages are trained, one after the other, and from which data."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationInfo, model_validator

from gnntrack.models.training_settings import STAGES, AnyStage, DataSets, Stages
from gnntrack.recipes import Settings, idle_error, stored


class TrainingRecipe(Settings):
    """A file of ``training/``: how existing weights are trained further; a model recipe is for new weights.

    Attributes:
        description: one line for people.
        data: data sets of all stages that name none of their own.
        stages: what is trained, in this order.
    """

    description: str = ""
    data: DataSets = ()
    stages: Stages

    @model_validator(mode="after")
    def _names_differ(self) -> TrainingRecipe:
        seen: set[str] = set()
        for stage in self.stages:
            if stage.title in seen:
                raise idle_error(f"two stages are called {stage.title}", "give one of them a name of its own")
            seen.add(stage.title)
        return self


def stages_of_kind(value: Any, kind: Any) -> Any:
    """The recipe of a kind of model, with its usual stages if it names none."""
    if isinstance(value, dict) and "stages" not in value and kind in STAGES:
        return value | {"stages": STAGES[kind]}
    return value


def misplaced(kind: str, stages: tuple[AnyStage, ...]) -> str | None:
    """What is wrong with the stages for a kind of model: one that trains nothing in it."""
    found = next((stage for stage in stages if stage.train not in STAGES[kind]), None)
    return None if found is None else f"the stage {found.title} trains nothing in models of kind {kind}"


def check_stages(kind: str, stages: tuple[AnyStage, ...], info: ValidationInfo) -> None:
    """Refuses stages that do not belong to the kind of model, but not in recipes that came with weights."""
    problem = None if stored(info) else misplaced(kind, stages)
    if problem is not None:
        raise idle_error(problem, f"name some of: {', '.join(STAGES[kind])}")
