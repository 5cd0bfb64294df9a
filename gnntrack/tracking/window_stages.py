"""Tracking with a link scorer of window graphs."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass

import numpy as np
import torch
from torch_geometric.data import Data

from gnntrack.association.rounding import Rounding, round_links
from gnntrack.errors import DataError
from gnntrack.geometry.camera_motion import CameraMotion
from gnntrack.graphs import GraphSettings, build_graph
from gnntrack.models.tracking_settings import TrackingSettings
from gnntrack.scratch import Scratch
from gnntrack.sequence import Sequence, View
from gnntrack.smoothing.boxes import TrackedBoxes
from gnntrack.tracking.pipeline import OnlineStages, no_crossings
from gnntrack.tracking.row_links import RowLinks, tracks_of_links
from gnntrack.tracking.scoring import LinkScorer, window_probabilities
from gnntrack.tracking.window_linker import WindowLinker


@dataclass(frozen=True)
class WindowStages:
    """See :class:`gnntrack.tracking.pipeline.ModelStages`.

    Attributes:
        scorer: scores the links of a window graph.
        graph_settings: how graphs are built, the same as in training.
        settings: thresholds.
    """

    scorer: LinkScorer
    graph_settings: GraphSettings
    settings: TrackingSettings
    uses_embeddings: bool = False
    uses_camera: bool = False
    smooths: bool = False

    def prepare(self) -> None:
        """There is nothing to compile."""

    def weights(self) -> Iterator[np.ndarray]:
        """All weights, by name.

        Raises:
            DataError: the scorer is no network.
        """
        if not isinstance(self.scorer, torch.nn.Module):
            problem = "a tracker whose scores come from a function cannot be saved"
            raise DataError(problem, remedy="give it a network: a torch.nn.Module")
        for _, tensor in sorted(self.scorer.state_dict().items()):
            yield tensor.detach().cpu().double().numpy()

    def online(self, view: View, rounding: Rounding | None = None, lag: int = 0) -> OnlineStages:
        """Linking alone."""
        return OnlineStages(WindowLinker(self.scorer, self.graph_settings, self.settings, view, rounding or "exact"))

    def tracks(
        self,
        detections: Sequence,
        rows: np.ndarray,
        rounding: Rounding = "exact",
        groups: np.ndarray | None = None,
        scratch: Scratch | None = None,
    ) -> np.ndarray:
        """The tracks of a whole video: scores of overlapping windows of its graph, averaged and rounded."""
        graph = build_graph(detections.take(rows), self.graph_settings, groups=groups)
        probability = window_probabilities(graph, self.scorer, self.graph_settings)
        edges: np.ndarray = graph.edge_index.numpy()
        chosen = round_links(edges, probability, self.settings.links.threshold, rounding)
        return tracks_of_links(RowLinks.of(edges[:, chosen], len(rows)), scratch)

    def smooth(self, boxes: TrackedBoxes, result: np.ndarray, scratch: Scratch) -> None:
        """The boxes as they are."""
        result[:] = boxes.box

    def judge(self, graph: Data, embeddings: np.ndarray | None = None, camera: CameraMotion | None = None) -> Data:
        """The graph with a probability for every link."""
        result = copy(graph)
        result.score = torch.from_numpy(window_probabilities(graph, self.scorer, self.graph_settings)).float()
        return result

    def judge_crossings(
        self, graph: Data, embeddings: np.ndarray | None = None, camera: CameraMotion | None = None
    ) -> Data:
        """There is no network for it."""
        raise no_crossings()
