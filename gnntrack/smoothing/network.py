"""The network that decides how much each box of a track is smoothed."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from gnntrack.association.compiled_layers import TwoLayers
from gnntrack.association.network import arrays_of
from gnntrack.dropout import Dropout
from gnntrack.smoothing.compiled_network import CompiledSmoothingNetwork, mixer_layers
from gnntrack.smoothing.feature_columns import OFFLINE_FEATURES, ONLINE_FEATURES
from gnntrack.smoothing.features import VERSIONS
from gnntrack.smoothing.settings import SmoothingNetworkSettings

#: Added to deviations that are divided by.
MINIMUM_DEVIATION = 1e-3


class BoxMixer(nn.Module):
    """Mixes the versions of a box: as detected, and on lines through shorter and longer stretches of its track.

    It can only mix, so a box stays among its versions, whatever the detector.

    Args:
        settings: width, dropout.
        inputs: features of a box.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, settings: SmoothingNetworkSettings, inputs: int) -> None:
        super().__init__()
        self.first = nn.Linear(inputs, settings.hidden)
        self.second = nn.Linear(settings.hidden, 4 * VERSIONS)
        self.dropout = Dropout(settings.dropout)
        self.register_buffer("mean", torch.zeros(inputs))
        self.register_buffer("deviation", torch.ones(inputs))

    def standardise(self, features: Tensor) -> None:
        """Makes the first layer see features of mean 0 and deviation 1: those ``(N, ·)``."""
        self.mean.copy_(features.mean(0))
        self.deviation.copy_(features.std(0) + MINIMUM_DEVIATION)

    def forward(self, features: Tensor) -> Tensor:
        """Shares ``(N, VERSIONS, 4)`` of the versions of each box, side by side: they add up to 1 over versions."""
        hidden = torch.relu(self.first((features - self.mean) / self.deviation))
        logits: Tensor = self.second(self.dropout(hidden))
        return logits.view(-1, VERSIONS, 4).softmax(1)

    def gathered(self) -> TwoLayers:
        """The weights in the form that :func:`gnntrack.smoothing.compiled_network.mix` takes."""
        return mixer_layers(arrays_of(self))


class SmoothingNetwork(nn.Module):
    """Smooths the boxes of tracks: offline, knowing before and after, and online, knowing before.

    Args:
        settings: width, dropout.
    """

    def __init__(self, settings: SmoothingNetworkSettings) -> None:
        super().__init__()
        self.settings = settings
        self.offline = BoxMixer(settings, OFFLINE_FEATURES)
        self.online = BoxMixer(settings, ONLINE_FEATURES)

    def compiled(self) -> CompiledSmoothingNetwork:
        """The network with its weights of now, for tracking."""
        return CompiledSmoothingNetwork.of(arrays_of(self))
