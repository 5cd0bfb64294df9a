"""Tracking with an association network: tracks against the detections of each frame."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gnntrack.association.histories import observed
from gnntrack.association.rounding import Rounding
from gnntrack.errors import DataError
from gnntrack.geometry.camera_motion import CameraMotion
from gnntrack.models import CompiledNetworks, TrackingSettings
from gnntrack.relinking.online import Identities
from gnntrack.scratch import Scratch
from gnntrack.sequence import Sequence, View
from gnntrack.smoothing.boxes import BoxFilter, TrackedBoxes, smoothed_boxes
from gnntrack.smoothing.feature_columns import NOISE_COLUMNS
from gnntrack.tracking.gap_closing import chain
from gnntrack.tracking.pipeline import OnlineStages, no_crossings

if TYPE_CHECKING:
    from torch_geometric.data import Data


@dataclass(frozen=True)
class AssociationStages:
    """See :class:`gnntrack.tracking.pipeline.ModelStages`.

    Attributes:
        model: the networks.
        settings: how scores become tracks.
    """

    model: CompiledNetworks
    settings: TrackingSettings
    uses_camera: bool = True

    @property
    def uses_embeddings(self) -> bool:
        """Whether it uses appearance embeddings."""
        return self.model.settings.appearance

    def prepare(self) -> None:
        """See :func:`gnntrack.tracking.warmup.warm_up`."""
        from gnntrack.tracking.warmup import warm_up  # which tracks, with stages like these

        warm_up(self.model)

    def weights(self) -> Iterator[np.ndarray]:
        """All weights, in an order that does not change."""
        model = self.model
        yield from _arrays(model.weights)
        if model.tracklets is not None:
            yield from _arrays(model.tracklets.members)
        if model.smoothing is not None:
            for layers in model.smoothing:
                # less the first bias: a product of matrices, which need not be the same on every machine
                yield from (layers.first, layers.second, layers.second_bias)

    def online(self, view: View, rounding: Rounding | None = None, lag: int = 0) -> OnlineStages:
        """Linking, correction, smoothing.

        Raises:
            DataError: ``rounding`` is given, which association networks do not use online.
        """
        if rounding is not None:
            remedy = "leave it out; offline, or with models of kind message_passing, it decides how scores become links"
            raise DataError(f"rounding: {rounding} does nothing online for models of kind association", remedy=remedy)
        model, settings = self.model, self.settings
        smoothing = model.smoothing if settings.boxes.smooth_online else None
        linker = model.linker(settings, view, 0 if smoothing is None else NOISE_COLUMNS)
        memory = max(time.frames(view.frame_rate) for time in (settings.links.memory, settings.births.patience))
        return OnlineStages(
            linker,
            None
            if model.tracklets is None
            else Identities(model.tracklets, settings.relinking, view, memory, lag, settings.links.margin),
            None if smoothing is None else BoxFilter(smoothing.online, view.frame_rate, linker.pool),
        )

    def tracks(
        self,
        detections: Sequence,
        rows: np.ndarray,
        rounding: Rounding = "exact",
        groups: np.ndarray | None = None,
        scratch: Scratch | None = None,
    ) -> np.ndarray:
        """The tracks of a whole video, see :func:`gnntrack.tracking.gap_closing.chain`."""
        scratch = scratch or Scratch()
        view = View(detections.width, detections.height, detections.frame_rate)
        boxes = observed(detections, self.uses_embeddings, rows, scratch)
        camera = CameraMotion.of(detections.camera)
        return chain(boxes, view, self.model, self.settings, rounding, groups, camera, scratch)

    @property
    def smooths(self) -> bool:
        """Whether :meth:`smooth` changes anything."""
        return self.model.smoothing is not None and self.settings.boxes.smooth

    def smooth(self, boxes: TrackedBoxes, result: np.ndarray, scratch: Scratch) -> None:
        """Boxes of finished tracks, smoothed by the network for it."""
        assert self.model.smoothing is not None
        smoothed_boxes(boxes, self.model.smoothing.offline, result, scratch)

    def judge(self, graph: Data, embeddings: np.ndarray | None = None, camera: CameraMotion | None = None) -> Data:
        """The boxes with the links that the network met while tracking online."""
        from gnntrack.tracking.seen_graph import seen_graph  # graphs are torch's

        used = embeddings if self.uses_embeddings else None
        return seen_graph(graph, self.model, self.settings, used, camera)

    def judge_crossings(
        self, graph: Data, embeddings: np.ndarray | None = None, camera: CameraMotion | None = None
    ) -> Data:
        """Ends of tracklets against beginnings."""
        if self.model.tracklets is None:
            raise no_crossings()
        from gnntrack.tracking.crossings_graph import crossings_graph  # likewise

        used = embeddings if self.uses_embeddings else None
        return crossings_graph(graph, self.model, self.model.tracklets, self.settings, used, camera)


def _arrays(parts: Any) -> Iterator[np.ndarray]:
    """All arrays in tuples within tuples."""
    if isinstance(parts, np.ndarray):
        yield parts
    elif parts is not None:
        for part in parts:
            yield from _arrays(part)
