"""The networks that track together: association, relinking, smoothing; one file of weights holds them all."""

from __future__ import annotations

from gnntrack.association.feature_columns import DETECTION_FEATURES, PAIR_FEATURES, TRACK_FEATURES
from gnntrack.association.network import LinkNetwork, arrays_of
from gnntrack.models.architectures import AssociationNetworkSettings
from gnntrack.models.compiled_bundle import CompiledNetworks
from gnntrack.relinking.network import TrackletNetwork
from gnntrack.smoothing.network import SmoothingNetwork


class AssociationNetwork(LinkNetwork):
    """Scores the links from tracks to the detections of a new frame.

    Args:
        settings: width and rounds.

    Attributes:
        tracklets: the network that decides crossings once they are over, if there is one.
        smoothing: the network that smooths boxes, if there is one.
    """

    def __init__(self, settings: AssociationNetworkSettings) -> None:
        super().__init__(settings, TRACK_FEATURES, DETECTION_FEATURES, PAIR_FEATURES)
        self.settings = settings
        self.tracklets = None if settings.tracklets is None else TrackletNetwork(settings.tracklets)
        self.smoothing = None if settings.smoothing is None else SmoothingNetwork(settings.smoothing)

    def compiled(self) -> CompiledNetworks:
        """The networks with their weights of now, for tracking."""
        return CompiledNetworks.of(arrays_of(self), self.settings)
