"""The network that scores the links from ends of tracklets to beginnings."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch_geometric.data import Data

from gnntrack.association.network import LinkNetwork, arrays_of
from gnntrack.relinking.compiled_network import CompiledTrackletNetwork
from gnntrack.relinking.feature_columns import TRACKLET_FEATURES, TRACKLET_PAIR_FEATURES
from gnntrack.relinking.settings import TrackletNetworkSettings


class TrackletMember(LinkNetwork):
    """One network of a :class:`TrackletNetwork`.

    Args:
        settings: width and rounds.
    """

    def __init__(self, settings: TrackletNetworkSettings) -> None:
        super().__init__(settings, TRACKLET_FEATURES, TRACKLET_FEATURES, TRACKLET_PAIR_FEATURES)

    def standardise(self, mean: Mapping[str, Tensor], deviation: Mapping[str, Tensor]) -> None:
        """Makes the first layers see features of mean 0 and deviation 1.

        Args:
            mean: of the features of ``past_in``, ``future_in`` and ``edge_in``.
            deviation: likewise.
        """
        with torch.no_grad():
            for name in mean:
                first = getattr(self, name).first
                first.weight /= deviation[name]
                first.bias -= first.weight @ mean[name]


class TrackletNetwork(nn.Module):
    """Scores the links from ends of tracklets to beginnings: the mean logits of several networks.

    Args:
        settings: width, rounds, members.
    """

    def __init__(self, settings: TrackletNetworkSettings) -> None:
        super().__init__()
        self.settings = settings
        self.members = nn.ModuleList(TrackletMember(settings) for _ in range(settings.members))

    def compiled(self) -> CompiledTrackletNetwork:
        """The network with its weights of now, for tracking."""
        return CompiledTrackletNetwork.of(arrays_of(self), self.settings)

    def score(self, data: Data) -> Tensor:
        """Link logits ``(E,)``: the mean over all networks."""
        return torch.stack([member(data) for member in self.members]).mean(0)

    def embed(self, data: Data) -> Tensor:
        """Node embeddings ``(N, members · hidden)``: those of all networks side by side."""
        return torch.cat([member.embed(data) for member in self.members if isinstance(member, TrackletMember)], 1)
