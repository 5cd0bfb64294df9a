"""The model recipe: architecture, graph and tracking settings, saved together with the weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field, ValidationInfo, field_validator, model_validator

from gnntrack.graphs.settings import GraphSettings
from gnntrack.models.bundle import AssociationNetwork, AssociationNetworkSettings
from gnntrack.models.obeyed import idle_among, idle_setting, remedy
from gnntrack.models.old_settings import new_places
from gnntrack.models.settings import TrainingSettings
from gnntrack.models.tracking_settings import TrackingSettings
from gnntrack.models.window_network import MessagePassing, MessagePassingSettings
from gnntrack.recipes import Settings, asked_for, idle_error, stored

Model = MessagePassing | AssociationNetwork


class ModelRecipe(Settings):
    """A file of ``models/``: everything that scoring and tracking need to know besides the weights.

    Attributes:
        description: one line for people.
        architecture: which network, and its settings; without a kind, message passing.
        graph: how boxes become window graphs.
        tracking: how scores become tracks.
        training: how the weights are found.
    """

    MOVED: ClassVar[Mapping[str, str]] = new_places()

    description: str = ""
    architecture: Annotated[MessagePassingSettings | AssociationNetworkSettings, Field(discriminator="kind")] = (
        MessagePassingSettings()
    )
    graph: GraphSettings = GraphSettings()
    tracking: TrackingSettings = TrackingSettings()
    training: TrainingSettings = TrainingSettings()

    @field_validator("architecture", mode="before")
    @classmethod
    def _kind(cls, value: Any) -> Any:
        """Without a kind, it is message passing on window graphs."""
        return {"kind": "message_passing"} | value if isinstance(value, dict) else value

    @model_validator(mode="after")
    def _nothing_idle(self, info: ValidationInfo) -> ModelRecipe:
        """A setting that the kind of model does not look at, see :mod:`gnntrack.models.obeyed`."""
        kind = self.architecture.kind
        idle = idle_among(kind, asked_for(info)) if stored(info) else idle_setting(kind, self)
        if idle is not None:
            raise idle_error(f"{idle} does nothing for models of kind {kind}", remedy(kind, idle))
        return self


def build_model(recipe: ModelRecipe) -> Model:
    """A freshly initialised model."""
    if isinstance(recipe.architecture, AssociationNetworkSettings):
        return AssociationNetwork(recipe.architecture)
    return MessagePassing(recipe.architecture)
