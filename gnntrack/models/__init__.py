"""Networks: a graph in, one logit a link out; the bundle of networks on disk.

Settings, and weights for tracking, need no torch; the networks that learn are imported on first use.
"""

from typing import TYPE_CHECKING

from gnntrack.association.settings import BirthSettings, LinkSettings
from gnntrack.models.architectures import AssociationNetworkSettings, MessagePassingSettings
from gnntrack.models.augmentation_settings import AugmentationSettings, WindowAugmentationSettings
from gnntrack.models.compiled_bundle import CompiledNetworks
from gnntrack.models.recipe import ModelRecipe
from gnntrack.models.tracking_settings import OfflineSettings, TrackingSettings
from gnntrack.models.tracking_weights import load_for_tracking
from gnntrack.models.training_recipe import TrainingRecipe
from gnntrack.models.training_settings import (
    AssociationStageSettings,
    RelinkingStageSettings,
    SmoothingStageSettings,
    WindowStageSettings,
)
from gnntrack.models.weights_file import find_weights
from gnntrack.packages import exported
from gnntrack.relinking.settings import RelinkingSettings, TrackletNetworkSettings
from gnntrack.smoothing.settings import BoxSettings, SmoothingNetworkSettings

if TYPE_CHECKING:
    from gnntrack.models.building import Model, build_model
    from gnntrack.models.bundle import AssociationNetwork
    from gnntrack.models.parts import set_learning, with_appearance, with_part
    from gnntrack.models.weights import load_weights, save_weights
    from gnntrack.models.window_network import MessagePassing
    from gnntrack.relinking.network import TrackletMember, TrackletNetwork
    from gnntrack.smoothing.network import BoxMixer, SmoothingNetwork

__all__ = [
    "AssociationNetwork",
    "AssociationNetworkSettings",
    "AssociationStageSettings",
    "AugmentationSettings",
    "BirthSettings",
    "BoxMixer",
    "BoxSettings",
    "CompiledNetworks",
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
    "load_for_tracking",
    "load_weights",
    "save_weights",
    "set_learning",
    "with_appearance",
    "with_part",
]

__getattr__ = exported(
    __name__,
    {
        "gnntrack.models.building": "Model build_model",
        "gnntrack.models.bundle": "AssociationNetwork",
        "gnntrack.models.parts": "set_learning with_appearance with_part",
        "gnntrack.models.weights": "load_weights save_weights",
        "gnntrack.models.window_network": "MessagePassing",
        "gnntrack.relinking.network": "TrackletMember TrackletNetwork",
        "gnntrack.smoothing.network": "BoxMixer SmoothingNetwork",
    },
)
