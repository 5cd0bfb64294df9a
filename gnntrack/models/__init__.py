"""Networks: a graph in, one logit a link out; the bundle of networks on disk."""

from gnntrack.association.settings import BirthSettings, LinkSettings
from gnntrack.models.augmentation_settings import AugmentationSettings, WindowAugmentationSettings
from gnntrack.models.bundle import AssociationNetwork, AssociationNetworkSettings
from gnntrack.models.parts import set_learning, with_appearance, with_part
from gnntrack.models.recipe import Model, ModelRecipe, build_model
from gnntrack.models.tracking_settings import OfflineSettings, TrackingSettings
from gnntrack.models.training_recipe import TrainingRecipe
from gnntrack.models.training_settings import (
    AssociationStageSettings,
    RelinkingStageSettings,
    SmoothingStageSettings,
    WindowStageSettings,
)
from gnntrack.models.weights import find_weights, load_weights, save_weights
from gnntrack.models.window_network import MessagePassing, MessagePassingSettings
from gnntrack.relinking.network import TrackletMember, TrackletNetwork
from gnntrack.relinking.settings import RelinkingSettings, TrackletNetworkSettings
from gnntrack.smoothing.network import BoxMixer, SmoothingNetwork
from gnntrack.smoothing.settings import BoxSettings, SmoothingNetworkSettings

__all__ = [
    "AssociationNetwork",
    "AssociationNetworkSettings",
    "AssociationStageSettings",
    "AugmentationSettings",
    "BirthSettings",
    "BoxMixer",
    "BoxSettings",
    "LinkSettings",
    "MessagePassing",
    "MessagePassingSettings",
    "Model",
    "ModelRecipe",
    "OfflineSettings",
    "RelinkingSettings",
    "RelinkingStageSettings",
    "SmoothingNetwork",
    "SmoothingNetworkSettings",
    "SmoothingStageSettings",
    "TrackingSettings",
    "TrackletMember",
    "TrackletNetwork",
    "TrackletNetworkSettings",
    "TrainingRecipe",
    "WindowAugmentationSettings",
    "WindowStageSettings",
    "build_model",
    "find_weights",
    "load_weights",
    "save_weights",
    "set_learning",
    "with_appearance",
    "with_part",
]
