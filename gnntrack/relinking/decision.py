"""Which tracklets are linked: their ends against their beginnings, scored, and the best links chosen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from gnntrack.association.compiled_network import fast_associate
from gnntrack.association.graph import BipartiteGraph
from gnntrack.association.packed_weights import Weights
from gnntrack.association.rivals import clear_of_rivals
from gnntrack.association.rounding import Rounding, round_links
from gnntrack.association.usefulness import Usefulness, by_boxes
from gnntrack.relinking.candidates import Settled
from gnntrack.relinking.graph import tracklet_graph
from gnntrack.relinking.settings import RelinkingSettings, TrackletNetworkSettings
from gnntrack.relinking.tracklets import Tracklets
from gnntrack.sequence import View


class Question(NamedTuple):
    """The tracklets of a video that are to be linked.

    Attributes:
        own: ``(2, L)`` links of the tracker that are kept, in crowded frames.
        graph: ends of tracklets against beginnings.
        candidates: ``(2, E)`` its candidate links, as pairs of tracklets.
    """

    own: np.ndarray
    graph: BipartiteGraph
    candidates: np.ndarray


def ask(
    tracklets: Tracklets,
    frame: np.ndarray,
    view: View,
    shape: TrackletNetworkSettings,
    settings: RelinkingSettings,
) -> Question:
    """The candidate links between ends and beginnings.

    Args:
        tracklets: T of them.
        frame: of every tracked box.
        view: of the video.
        shape: of the network that will score them.
        settings: number of tracks from which a frame is crowded.
    """
    own, settled = _in_crowds(tracklets, frame, settings.crowd)
    reach = shape.reach.frames(view.frame_rate)
    graph, candidates = tracklet_graph(tracklets, view, shape.candidates, reach, settled, shape.appearance)
    return Question(own, graph, candidates)


def _in_crowds(tracklets: Tracklets, frame: np.ndarray, crowd: int) -> tuple[np.ndarray, Settled]:
    """The tracker's links ``(2, L)`` that begin or end in a crowded frame, and what these settle.

    Args:
        tracklets: T of them.
        frame: of every tracked box.
        crowd: largest number of tracks in a frame that is not crowded.
    """
    frames, view = np.unique(frame, return_counts=True)
    tail, head = (view[np.searchsorted(frames, end.frame)] > crowd for end in (tracklets.tail, tracklets.head))
    goes_on = np.flatnonzero(tracklets.following >= 0)
    goes_on = goes_on[tail[goes_on] | head[tracklets.following[goes_on]]]
    own = np.stack([goes_on, tracklets.following[goes_on]])
    tail[own[0]] = head[own[1]] = True
    return own, Settled(tail, head)


def choose(
    weights: Iterable[Weights],
    graph: BipartiteGraph,
    candidates: np.ndarray,
    threshold: float,
    rounding: Rounding = "exact",
    margin: float = 0.0,
    usefulness: Usefulness | None = None,
) -> np.ndarray:
    """Those of the candidates ``(2, E)`` of a graph that a tracklet network chooses, ``(2, L)``."""
    if not candidates.shape[1]:
        return candidates
    probability = 1.0 / (1.0 + np.exp(-mean_logits(weights, graph, usefulness)))
    chosen = round_links(candidates, probability, threshold, rounding)
    return candidates[:, clear_of_rivals(candidates, probability, chosen, margin)]


def mean_logits(weights: Iterable[Weights], graph: BipartiteGraph, usefulness: Usefulness | None = None) -> np.ndarray:
    """Mean logits ``(E,)`` of the members of a tracklet network for the candidates of a graph.

    Args:
        weights: of the members.
        graph: of ends and beginnings.
        usefulness: measured so far, of what embeddings tell; learns. None: they count in full.
    """
    members = tuple(weights)
    if usefulness is not None and graph.appearance.any():
        alone = np.mean([by_boxes(member, graph) for member in members], axis=0)
        graph = usefulness.weighed(graph, alone, None)
    logits: np.ndarray = np.mean(
        [fast_associate(member, graph, objects=False).logits[-1] for member in members], axis=0
    )
    return logits
