"""The network that scores the links from ends of tracklets to beginnings."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from gnntrack.association.compiled_network import Weights
from gnntrack.association.network import LinkNetwork
from gnntrack.relinking.graph import TRACKLET_FEATURES, TRACKLET_PAIR_FEATURES
from gnntrack.relinking.settings import TrackletNetworkSettings


class TrackletMember(LinkNetwork):
    """One network of a :class:`TrackletNetwork`.

    Args:
        settings: width and rounds.
    """

    def __init__(self, settings: TrackletNetworkSettings) -> None:
        super().__init__(settings, TRACKLET_FEATURES, TRACKLET_FEATURES, TRACKLET_PAIR_FEATURES)

    def standardise(self, mean: dict[str, Tensor], deviation: dict[str, Tensor]) -> None:
        """Makes the first layers see features of mean 0 and deviation 1.

        Args:
            mean: of the features of ``track_in``, ``detection_in`` and ``pair_in``.
            deviation: likewise.
        """
        weights = self.weights()
        with torch.no_grad():
            for name in mean:
                first = weights[f"{name}.first"]
                first /= deviation[name][:, None]
                weights[f"{name}.first_bias"] -= mean[name] @ first


class TrackletNetwork(nn.Module):
    """Scores the links from ends of tracklets to beginnings: the mean logits of several networks.

    Args:
        settings: width, rounds, members.
    """

    def __init__(self, settings: TrackletNetworkSettings) -> None:
        super().__init__()
        self.settings = settings
        self.members = nn.ModuleList(TrackletMember(settings) for _ in range(settings.members))

    def gathered(self) -> list[Weights]:
        """The parameters of every member, for tracking."""
        return [member.gathered() for member in self.members if isinstance(member, TrackletMember)]
