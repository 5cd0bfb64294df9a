"""The model recipe: architecture, graph and association settings, saved together with the weights."""

from __future__ import annotations

from pydantic import Field

from gnntrack.graphs.settings import GraphSettings
from gnntrack.models.message_passing import MessagePassing, MessagePassingSettings
from gnntrack.recipes import Settings


class AssociationSettings(Settings):
    """How scores become tracks.

    Attributes:
        minimum_confidence: detections below are not used.
        birth_confidence: a track needs one detection of at least this confidence.
        link_threshold: probability above which a link is worth making.
        minimum_length: tracks of fewer detections are dropped (offline mode).
        interpolate: longest gap, in frames, that is filled with boxes on a straight line (offline mode).
    """

    minimum_confidence: float = Field(0.1, ge=0, le=1)
    birth_confidence: float = Field(0.6, ge=0, le=1)
    link_threshold: float = Field(0.5, gt=0, lt=1)
    minimum_length: int = Field(2, ge=1)
    interpolate: int = Field(20, ge=0)


class ModelRecipe(Settings):
    """A file of ``models/``: everything that scoring and tracking need to know besides the weights.

    Attributes:
        description: one line for people.
        architecture: which encoder, and its settings.
        graph: how boxes become graphs.
        association: how scores become tracks.
    """

    description: str = ""
    architecture: MessagePassingSettings = MessagePassingSettings()
    graph: GraphSettings = GraphSettings()
    association: AssociationSettings = AssociationSettings()


def build_model(recipe: ModelRecipe) -> MessagePassing:
    """A freshly initialised encoder."""
    return MessagePassing(recipe.architecture)
