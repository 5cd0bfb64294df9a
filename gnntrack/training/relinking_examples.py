"""Tracked videos and clips, cut into tracklet graphs: the training data of relinking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gnntrack.association.graph import BipartiteGraph
from gnntrack.association.histories import observed
from gnntrack.datasets.labelled import Labelled
from gnntrack.durations import Duration
from gnntrack.geometry.camera_motion import CameraMotion
from gnntrack.models import (
    AssociationNetwork,
    ModelRecipe,
    RelinkingStageSettings,
    TrackingSettings,
    TrackletNetworkSettings,
)
from gnntrack.sequence import View
from gnntrack.tracking.replay import find_links
from gnntrack.training.clips import FEWEST_BOXES, ClipSource
from gnntrack.training.tracklets import LabelledGraph, moment_graphs, whole_graph


def _pack(item: LabelledGraph) -> dict[str, Any]:
    return {"graph": item.graph._asdict(), "label": item.label}


def _unpack(values: dict[str, Any]) -> LabelledGraph:
    return LabelledGraph(BipartiteGraph(**values["graph"]), values["label"])


#: How graphs are kept by a run that is stopped.
CODEC = _pack, _unpack


@dataclass(frozen=True)
class TrackedGraphs:
    """Makes the graphs of videos and of clips.

    Attributes:
        model: tracks.
        recipe: of the model.
        settings: of the stage.
        network: that the graphs are for.
        appearance: whether the tracker uses embeddings.
    """

    model: AssociationNetwork
    recipe: ModelRecipe
    settings: RelinkingStageSettings
    network: TrackletNetworkSettings
    appearance: bool

    def of_video(self, item: Labelled, rng: np.random.Generator) -> list[LabelledGraph]:
        """Those of a video as it is, tracked with the life cycle of the recipe."""
        sequence, tracking = item.sequence, self.recipe.tracking
        rows = np.flatnonzero(sequence.boxes["conf"].to_numpy() >= tracking.links.minimum_confidence)
        if len(rows) < FEWEST_BOXES:
            return []
        detections = observed(sequence.take(rows), self.appearance)
        view = View(sequence.width, sequence.height, sequence.frame_rate)
        camera = CameraMotion.of(sequence.camera)
        tracked = find_links(detections, view, self.model.compiled(), tracking, camera=camera)
        most = -(-self.settings.moments * int(sequence.frames[-1]) // self.settings.length)
        about = detections, item.identity[rows], tracked, view, self.network
        return whole_graph(*about, camera) + moment_graphs(*about, most, rng, camera)

    def clips(self, training: list[Labelled]) -> ClipSource:
        """Where clips are drawn from."""
        settings, lowest = self.settings, self.recipe.tracking.links.minimum_confidence
        return ClipSource(training, settings.augmentation, settings.length, settings.reverse, lowest, self.appearance)

    def of_clip(self, source: ClipSource, rng: np.random.Generator) -> list[LabelledGraph]:
        """Those of a clip that was changed, tracked with a life cycle of its own."""
        clip = source.draw(rng)
        life_cycle = _life_cycle(self.recipe.tracking, rng)
        tracked = find_links(clip.detections, clip.view, self.model.compiled(), life_cycle, camera=clip.camera)
        about = clip.detections, clip.identity, tracked, clip.view, self.network
        return whole_graph(*about, clip.camera) + moment_graphs(*about, self.settings.moments, rng, clip.camera)


def _life_cycle(tracking: TrackingSettings, rng: np.random.Generator) -> TrackingSettings:
    confidence, usual_share = rng.uniform(0.4, 0.8), rng.uniform(0.5, 0.95)
    threshold, memory = rng.uniform(0.2, 0.5), Duration(int(rng.integers(30, 91)), "frames")
    births = tracking.births.model_copy(update={"confidence": confidence, "usual_share": usual_share})
    links = tracking.links.model_copy(update={"threshold": threshold, "memory": memory})
    return tracking.model_copy(update={"births": births, "links": links})
