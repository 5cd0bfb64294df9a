"""The model recipe: architecture, graph and tracking settings, saved together with the weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field, ValidationInfo, field_validator, model_validator

from gnntrack.graphs.settings import GraphSettings
from gnntrack.models.architectures import AssociationNetworkSettings, MessagePassingSettings
from gnntrack.models.obeyed import idle_among, idle_setting, remedy
from gnntrack.models.old_settings import new_places
from gnntrack.models.tracking_settings import TrackingSettings
from gnntrack.models.training_recipe import TrainingRecipe, check_stages, stages_of_kind
from gnntrack.models.training_settings import Stages, WindowStageSettings
from gnntrack.recipes import asked_for, idle_error, stored


class ModelRecipe(TrainingRecipe):
    """A file of ``models/``: all settings of scoring, tracking and training.

    Attributes:
        description: one line for people.
        architecture: which network, and its settings; without a kind, message passing.
        graph: how boxes become window graphs.
        tracking: how scores become tracks.
        data: data sets of all stages of training that name none of their own.
        stages: what is trained, in this order; if left out, all that this kind of model has.
    """

    MOVED: ClassVar[Mapping[str, str]] = new_places() | {
        "training": "stages",
        "training.learn": "freeze of a stage ([boxes] for appearance, [appearance] for boxes)",
    }

    architecture: Annotated[MessagePassingSettings | AssociationNetworkSettings, Field(discriminator="kind")] = (
        MessagePassingSettings()
    )
    graph: GraphSettings = GraphSettings()
    tracking: TrackingSettings = TrackingSettings()
    stages: Stages = (WindowStageSettings(),)

    @model_validator(mode="before")
    @classmethod
    def _all_stages(cls, value: Any) -> Any:
        """Without stages, all that this kind of model has are trained."""
        shape = value.get("architecture", {}) if isinstance(value, dict) else {}
        default = "message_passing"
        kind = shape.get("kind", default) if isinstance(shape, dict) else getattr(shape, "kind", default)
        return stages_of_kind(value, kind)

    @field_validator("architecture", mode="before")
    @classmethod
    def _kind(cls, value: Any) -> Any:
        """Without a kind, it is message passing on window graphs."""
        return {"kind": "message_passing"} | value if isinstance(value, dict) else value

    @model_validator(mode="after")
    def _nothing_idle(self, info: ValidationInfo) -> ModelRecipe:
        """A setting that the kind of model does not use, see :mod:`gnntrack.models.obeyed`."""
        kind = self.architecture.kind
        check_stages(kind, self.stages, info)
        idle = idle_among(kind, asked_for(info)) if stored(info) else idle_setting(kind, self)
        if idle is not None:
            raise idle_error(f"{idle} does nothing for models of kind {kind}", remedy(idle))
        return self
