"""The networks that track together as arrays: what tracking uses. It needs no torch."""

from __future__ import annotations

from dataclasses import dataclass

from gnntrack.association.feature_columns import DETECTION_FEATURES, PAIR_FEATURES, TRACK_FEATURES
from gnntrack.association.linker import AssociationLinker
from gnntrack.association.packed_weights import Weights
from gnntrack.association.weights import Arrays, Shapes, link_shapes, link_weights, named_below, part_of
from gnntrack.models.architectures import AssociationNetworkSettings
from gnntrack.models.tracking_settings import TrackingSettings
from gnntrack.relinking.compiled_network import CompiledTrackletNetwork, tracklet_shapes
from gnntrack.sequence import View
from gnntrack.smoothing.compiled_network import CompiledSmoothingNetwork, smoothing_shapes


@dataclass(frozen=True, eq=False)
class CompiledNetworks:
    """An association network with its parts, ready to track; :class:`gnntrack.models.AssociationNetwork` can learn.

    Attributes:
        settings: of the networks.
        weights: of the association network.
        tracklets: the network that corrects identities after crossings, if there is one.
        smoothing: the network that smooths boxes, if there is one.
    """

    settings: AssociationNetworkSettings
    weights: Weights
    tracklets: CompiledTrackletNetwork | None
    smoothing: CompiledSmoothingNetwork | None

    @classmethod
    def of(cls, arrays: Arrays, settings: AssociationNetworkSettings) -> CompiledNetworks:
        """From the weights of an association network, float32, by name (:func:`network_shapes`)."""
        tracklets, smoothing = settings.tracklets, settings.smoothing
        return cls(
            settings,
            link_weights(arrays, settings),
            None if tracklets is None else CompiledTrackletNetwork.of(part_of(arrays, "tracklets"), tracklets),
            None if smoothing is None else CompiledSmoothingNetwork.of(part_of(arrays, "smoothing")),
        )

    def compiled(self) -> CompiledNetworks:
        """Itself."""
        return self

    def linker(self, settings: TrackingSettings, view: View, noise: int = 0) -> AssociationLinker:
        """What links the detections of a new stream, frame by frame; see :class:`AssociationLinker`."""
        return AssociationLinker(self.weights, self.settings, settings.births, settings.links, view, noise)


def network_shapes(settings: AssociationNetworkSettings) -> Shapes:
    """The shape of every weight of a :class:`gnntrack.models.AssociationNetwork`, by name.

    Example:
        >>> network_shapes(AssociationNetworkSettings(hidden=8))["head.weight"]
        (1, 8)
    """
    shapes = link_shapes(settings, TRACK_FEATURES, DETECTION_FEATURES, PAIR_FEATURES)
    if settings.tracklets is not None:
        shapes |= named_below("tracklets", tracklet_shapes(settings.tracklets))
    if settings.smoothing is not None:
        shapes |= named_below("smoothing", smoothing_shapes(settings.smoothing))
    return shapes
