"""Encoders, one per file, all with the same call: graph in, link logits out."""

from gnntrack.models.message_passing import MessagePassing, MessagePassingSettings
from gnntrack.models.recipe import AssociationSettings, ModelRecipe, build_model
from gnntrack.models.weights import load_weights, save_weights

__all__ = [
    "AssociationSettings",
    "MessagePassing",
    "MessagePassingSettings",
    "ModelRecipe",
    "build_model",
    "load_weights",
    "save_weights",
]
