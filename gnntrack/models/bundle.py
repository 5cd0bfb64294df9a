"""The networks that track together: association, relinking, smoothing; one file of weights holds them all."""

from __future__ import annotations

from typing import Literal

from gnntrack.association.feature_columns import DETECTION_FEATURES, PAIR_FEATURES, TRACK_FEATURES
from gnntrack.association.linker import AssociationLinker
from gnntrack.association.network import LinkNetwork
from gnntrack.association.settings import LinkNetworkSettings
from gnntrack.models.tracking_settings import TrackingSettings
from gnntrack.relinking.network import TrackletNetwork
from gnntrack.relinking.settings import TrackletNetworkSettings
from gnntrack.sequence import View
from gnntrack.smoothing.network import SmoothingNetwork
from gnntrack.smoothing.settings import SmoothingNetworkSettings


class AssociationNetworkSettings(LinkNetworkSettings):
    """Settings of :class:`AssociationNetwork`.

    Attributes:
        kind: which model this is.
        tracklets: of the network that corrects identities after crossings, if there is one.
        smoothing: of the network that smooths boxes, if there is one.
    """

    kind: Literal["association"] = "association"
    tracklets: TrackletNetworkSettings | None = None
    smoothing: SmoothingNetworkSettings | None = None


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

    def linker(self, settings: TrackingSettings, view: View, noise: int = 0) -> AssociationLinker:
        """What links the detections of a new stream, frame by frame; see :class:`AssociationLinker`."""
        return AssociationLinker(self.gathered(), self.settings, settings.births, settings.links, view, noise)
