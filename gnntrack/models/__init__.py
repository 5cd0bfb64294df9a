"""Encoders, one per file, all with the same call: graph in, link logits out."""

from gnntrack.models.message_passing import MessagePassing, MessagePassingSettings
from gnntrack.models.recipe import ModelRecipe, build_model
from gnntrack.models.settings import AssociationSettings, AugmentationSettings, TrainingSettings
from gnntrack.models.weights import load_weights, save_weights

__all__ = [
    "AssociationSettings",
    "AugmentationSettings",
    "MessagePassing",
    "MessagePassingSettings",
    "ModelRecipe",
    "TrainingSettings",
    "build_model",
    "load_weights",
    "save_weights",
]
