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
from gnntrack.sequence import Sequence, View
from gnntrack.tracking.pipeline import OnlineStages, no_crossings
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

    def links(self, detections: Sequence, rounding: Rounding = "exact", groups: np.ndarray | None = None) -> np.ndarray:
        """The links ``(2, L)`` of a whole video: scores of overlapping windows, averaged and rounded."""
        graph = build_graph(detections, self.graph_settings, groups=groups)
        probability = window_probabilities(graph, self.scorer, self.graph_settings)
        edges: np.ndarray = graph.edge_index.numpy()
        return edges[:, round_links(edges, probability, self.settings.links.threshold, rounding)]

    def smooth(self, tracks: Sequence) -> Sequence:
        """The tracks as they are."""
        return tracks

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
