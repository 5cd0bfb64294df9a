"""How far perfect association would get on the same detections, and what candidate pruning takes from it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scenes import Scenes

from gnntrack.datasets.matching import match_identities
from gnntrack.graphs import GraphSettings, build_graph
from gnntrack.graphs.labels import true_links
from gnntrack.sequence import Sequence
from gnntrack.tracking import identities_from_links


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
        links: true links, whatever their gap.
        within: those whose gap the graph allows.
        kept: those among the candidates.
    """

    links: int = 0
    within: int = 0
    kept: int = 0


def perfect_scores(scenes: Scenes, settings: GraphSettings) -> tuple[dict[str, Sequence], Pruning]:
    """All true links that are candidates of our graph, and identities from these; false positives are left out."""
    tracks, pruning = {}, Pruning()
    for name, scene in scenes.scenes.items():
        identity = match_identities(scene.detections, scenes.counted(name))
        graph = build_graph(scene.detections, settings, identity)
        true, frames = true_links(identity, scene.detections.frames), scene.detections.frames
        chosen = graph.edge_index[:, graph.edge_label > 0].numpy()
        pruning.links += true.shape[1]
        pruning.within += int((frames[true[1]] - frames[true[0]] <= settings.max_gap).sum())
        pruning.kept += chosen.shape[1]
        joined = identities_from_links(chosen, len(scene.detections))
        tracks[name] = _tracks(scene.detections, np.where(identity >= 0, joined, -1))
    return tracks, pruning


def _tracks(detections: Sequence, identity: np.ndarray) -> Sequence:
    """The detections of known identity."""
    known = np.flatnonzero(identity >= 0)
    return replace(detections, boxes=detections.boxes.iloc[known].assign(id=identity[known]), embeddings=None)
