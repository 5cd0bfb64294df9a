"""Tracking with an association network: tracks against the detections of each frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch_geometric.data import Data

from gnntrack.association.histories import observations, observed
from gnntrack.association.rounding import Rounding
from gnntrack.errors import DataError
from gnntrack.models import AssociationNetwork, TrackingSettings
from gnntrack.relinking.online import Identities
from gnntrack.sequence import Sequence, View
from gnntrack.smoothing.boxes import BoxFilter, smooth
from gnntrack.smoothing.online_features import NOISE
from gnntrack.tracking.gap_closing import chain
from gnntrack.tracking.pipeline import OnlineStages
from gnntrack.tracking.replay import find_links, seen_links


@dataclass(frozen=True)
class AssociationStages:
    """See :class:`gnntrack.tracking.pipeline.ModelStages`.

    Attributes:
        model: the networks.
        settings: how scores become tracks.
    """

    model: AssociationNetwork
    settings: TrackingSettings

    @property
    def looks_at_embeddings(self) -> bool:
        """Whether it looks at appearance embeddings."""
        return self.model.settings.appearance

    def online(self, view: View, rounding: Rounding | None = None) -> OnlineStages:
        """Linking, correction, smoothing.

        Raises:
            DataError: ``rounding`` is given, which association networks do not look at online.
        """
        if rounding is not None:
            remedy = "leave it out; offline, or with models of kind message_passing, it says how scores become links"
            raise DataError(f"rounding: {rounding} does nothing online for models of kind association", remedy=remedy)
        model, settings = self.model, self.settings
        smoothing = model.smoothing if settings.boxes.smooth_online else None
        linker = model.linker(settings, view, 0 if smoothing is None else NOISE)
        memory = max(time.frames(view.frame_rate) for time in (settings.links.memory, settings.births.patience))
        return OnlineStages(
            linker,
            None if model.tracklets is None else Identities(model.tracklets, settings.relinking, view, memory),
            None if smoothing is None else BoxFilter(smoothing.online, view.frame_rate, linker.pool),
        )

    def links(self, detections: Sequence, rounding: Rounding = "exact") -> np.ndarray:
        """The links ``(2, L)`` of a whole video, see :func:`gnntrack.tracking.gap_closing.chain`."""
        seen = observed(detections, self.looks_at_embeddings)
        view = View(detections.width, detections.height, detections.frame_rate)
        return chain(seen, view, self.model, self.settings, rounding)

    def smooth(self, tracks: Sequence) -> Sequence:
        """Finished tracks, smoothed by the network for it, if there is one and it is wanted."""
        if self.model.smoothing is None or not self.settings.boxes.smooth:
            return tracks
        return smooth(tracks, self.model.smoothing.offline)

    def judge(self, graph: Data, features: bool = False) -> None:
        """Adds probabilities, 0 for edges that the tracks never came to see, and the features that were seen."""
        seen, view = _video(graph)
        if not features:
            scored = find_links(seen, view, self.model, self.settings)
            graph.score = torch.from_numpy(_of_edges(graph, scored.links, scored.probability, 0.0)).float()
            return
        judged = seen_links(seen, view, self.model, self.settings)
        graph.score = torch.from_numpy(_of_edges(graph, judged.links, judged.probability, 0.0)).float()
        graph.link_features = torch.from_numpy(_of_edges(graph, judged.links, judged.features, np.nan))
        graph.link_feature_names = judged.names


def _video(graph: Data) -> tuple[np.ndarray, View]:
    """The boxes of a sequence's graph as observations, and what is known of the video."""
    seen = observations(graph.box.double().numpy(), graph.conf.numpy(), graph.frame.numpy())
    return seen, View(graph.width, graph.height, graph.frame_rate)


def _of_edges(graph: Data, links: np.ndarray, values: np.ndarray, missing: float) -> np.ndarray:
    """The values ``(M, ...)`` of ``links (2, M)`` by temporal edge; ``missing`` where there is none."""
    order = np.lexsort(links[::-1])
    links, values = links[:, order], values[order]
    count, edges = graph.num_nodes, graph.edge_index.numpy()
    known, wanted = links[0] * count + links[1], edges[0] * count + edges[1]
    result = np.full((len(wanted), *values.shape[1:]), missing, dtype=values.dtype)
    if len(known):
        place = np.searchsorted(known, wanted).clip(max=len(known) - 1)
        found = known[place] == wanted
        result[found] = values[place[found]]
    return result
