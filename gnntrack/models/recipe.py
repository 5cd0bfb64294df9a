"""The model recipe: architecture, graph and association settings, saved together with the weights."""

from __future__ import annotations

from gnntrack.graphs.settings import GraphSettings
from gnntrack.models.message_passing import MessagePassing, MessagePassingSettings
from gnntrack.models.settings import AssociationSettings, TrainingSettings
from gnntrack.recipes import Settings


class ModelRecipe(Settings):
    """A file of ``models/``: everything that scoring and tracking need to know besides the weights.

    Attributes:
        description: one line for people.
        architecture: which encoder, and its settings.
        graph: how boxes become graphs.
        association: how scores become tracks.
        training: how the weights are found.
    """

    description: str = ""
    architecture: MessagePassingSettings = MessagePassingSettings()
    graph: GraphSettings = GraphSettings()
    association: AssociationSettings = AssociationSettings()
    training: TrainingSettings = TrainingSettings()


def build_model(recipe: ModelRecipe) -> MessagePassing:
    """A freshly initialised encoder."""
    return MessagePassing(recipe.architecture)
