"""Encoders: graph in, link logits out."""

from gnntrack.models.association_network import (
    AssociationNetwork,
    AssociationNetworkSettings,
    TrackletMember,
    TrackletNetwork,
)
from gnntrack.models.message_passing import MessagePassing, MessagePassingSettings
from gnntrack.models.recipe import Model, ModelRecipe, build_model
from gnntrack.models.settings import (
    AssociationSettings,
    AugmentationSettings,
    RolloutSettings,
    TrackletNetworkSettings,
    TrackletTrainingSettings,
    TrainingSettings,
)
from gnntrack.models.weights import load_weights, save_weights

__all__ = [
    "AssociationNetwork",
    "AssociationNetworkSettings",
    "AssociationSettings",
    "AugmentationSettings",
    "MessagePassing",
    "MessagePassingSettings",
    "Model",
    "ModelRecipe",
    "RolloutSettings",
    "TrackletMember",
    "TrackletNetwork",
    "TrackletNetworkSettings",
    "TrackletTrainingSettings",
    "TrainingSettings",
    "build_model",
    "load_weights",
    "save_weights",
]
