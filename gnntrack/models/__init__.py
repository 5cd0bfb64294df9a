"""Encoders: graph in, link logits out."""

from gnntrack.models.association_network import (
    AssociationNetwork,
    AssociationNetworkSettings,
    TrackletMember,
    TrackletNetwork,
)
from gnntrack.models.message_passing import MessagePassing, MessagePassingSettings
from gnntrack.models.parts import set_learning, with_appearance, with_part
from gnntrack.models.recipe import Model, ModelRecipe, build_model
from gnntrack.models.settings import (
    AssociationSettings,
    AugmentationSettings,
    RolloutSettings,
    SmoothingNetworkSettings,
    SmoothingTrainingSettings,
    TrackletNetworkSettings,
    TrackletTrainingSettings,
    TrainingSettings,
)
from gnntrack.models.smoothing_network import BoxMixer, SmoothingNetwork
from gnntrack.models.weights import load_weights, save_weights

__all__ = [
    "AssociationNetwork",
    "AssociationNetworkSettings",
    "AssociationSettings",
    "AugmentationSettings",
    "BoxMixer",
    "MessagePassing",
    "MessagePassingSettings",
    "Model",
    "ModelRecipe",
    "RolloutSettings",
    "SmoothingNetwork",
    "SmoothingNetworkSettings",
    "SmoothingTrainingSettings",
    "TrackletMember",
    "TrackletNetwork",
    "TrackletNetworkSettings",
    "TrackletTrainingSettings",
    "TrainingSettings",
    "build_model",
    "load_weights",
    "save_weights",
    "set_learning",
    "with_appearance",
    "with_part",
]
