"""The tracklet network as arrays: what tracking uses."""

from __future__ import annotations

from typing import NamedTuple

from gnntrack.association.packed_weights import Weights
from gnntrack.association.usefulness import Usefulness
from gnntrack.association.weights import Arrays, Shapes, link_shapes, link_weights, named_below, part_of
from gnntrack.relinking.feature_columns import TRACKLET_FEATURES, TRACKLET_PAIR_FEATURES
from gnntrack.relinking.settings import TrackletNetworkSettings


class CompiledTrackletNetwork(NamedTuple):
    """Scores the links from ends of tracklets to beginnings, without torch.

    Attributes:
        settings: width, rounds, candidates, reach.
        members: the weights of every member; their logits are averaged.
    """

    settings: TrackletNetworkSettings
    members: tuple[Weights, ...]

    def usefulness(self) -> Usefulness | None:
        """What measures how much embeddings tell; None: they are not looked at."""
        return Usefulness() if self.settings.appearance else None

    @classmethod
    def of(cls, arrays: Arrays, settings: TrackletNetworkSettings) -> CompiledTrackletNetwork:
        """From the weights of a :class:`gnntrack.relinking.network.TrackletNetwork`, by name."""
        parts = (part_of(arrays, _member(number)) for number in range(settings.members))
        return cls(settings, tuple(link_weights(part, settings) for part in parts))


def tracklet_shapes(settings: TrackletNetworkSettings) -> Shapes:
    """The shape of every weight of a :class:`gnntrack.relinking.network.TrackletNetwork`, by name."""
    one = link_shapes(settings, TRACKLET_FEATURES, TRACKLET_FEATURES, TRACKLET_PAIR_FEATURES)
    shapes: Shapes = {}
    for number in range(settings.members):
        shapes |= named_below(_member(number), one)
    return shapes


def _member(number: int) -> str:
    return f"members.{number}"
