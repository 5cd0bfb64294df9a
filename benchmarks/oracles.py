"""How far perfect association would get on the same detections, and what candidate pruning takes from it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scenes import Scenes

from gnntrack.association.histories import CONFIDENCE, observed
from gnntrack.association.life_cycle import TrackPool
from gnntrack.datasets.matching import match_identities
from gnntrack.graphs.labels import true_links
from gnntrack.models import AssociationNetworkSettings, ModelRecipe
from gnntrack.sequence import Sequence, View


def perfect_links(scenes: Scenes) -> dict[str, Sequence]:
    """Every detection under the identity of the annotation that it matches; false positives are left out."""
    tracks = {}
    for name, scene in scenes.scenes.items():
        identity = match_identities(scene.detections, scenes.counted(name))
        tracks[name] = _tracks(scene.detections, identity)
    return tracks


@dataclass
class Pruning:
    """What candidate pruning keeps of the true links of a data set.

    Attributes:
        links: true links between neighbouring detections of an identity, whatever their gap.
        within: those for which the track is still remembered.
        kept: those among the candidates.
    """

    links: int = 0
    within: int = 0
    kept: int = 0


def perfect_scores(scenes: Scenes, recipe: ModelRecipe) -> tuple[dict[str, Sequence], Pruning]:
    """Our online tracker with the truth in the network's place: its candidates, memory, births; no false positives."""
    tracks, pruning = {}, Pruning()
    for name, scene in scenes.scenes.items():
        identity = match_identities(scene.detections, scenes.counted(name))
        real = np.flatnonzero(identity >= 0)
        found = _with_truth(scene.detections.take(real), identity[real], recipe, pruning)
        table = scene.detections.boxes.iloc[real].assign(id=found)
        tracks[name] = replace(scene.detections, boxes=table[found > 0], embeddings=None)
    return tracks, pruning


def _with_truth(detections: Sequence, identity: np.ndarray, recipe: ModelRecipe, pruning: Pruning) -> np.ndarray:
    """The track of every detection; 0: none yet."""
    assert isinstance(recipe.architecture, AssociationNetworkSettings)
    view = View(detections.width, detections.height, detections.frame_rate)
    pool = TrackPool(recipe.tracking.births, recipe.tracking.links, view, recipe.architecture)
    observations = observed(detections)
    pruning.links += true_links(identity, detections.frames).shape[1]
    ids = np.zeros(len(observations), dtype=np.int64)
    none = np.zeros(0, dtype=np.int64)
    for frame, rows in detections.by_frame():
        here = np.arange(rows.start, rows.stop)
        graph = pool.graph(observations[rows])
        tracks, taken = none, none
        if graph is not None:
            ends = graph.ends
            right = identity[pool.last_detection[ends[0]]] == identity[here[ends[1]]]
            tracks, taken = ends[:, right]
            pruning.within += int(np.isin(identity[here], identity[pool.last_detection]).sum())
            pruning.kept += int(right.sum())
        born = observations[rows, CONFIDENCE] >= recipe.tracking.births.confidence
        born[taken] = False
        ids[rows] = pool.commit(frame, observations[rows], here, tracks, taken, born.nonzero()[0])
    return ids


def _tracks(detections: Sequence, identity: np.ndarray) -> Sequence:
    """The detections of known identity."""
    known = np.flatnonzero(identity >= 0)
    return replace(detections, boxes=detections.boxes.iloc[known].assign(id=identity[known]), embeddings=None)
