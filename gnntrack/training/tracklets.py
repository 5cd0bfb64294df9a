"""Tracked clips as tracklet graphs with the truth: what the tracklet network learns from."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from gnntrack.graphs.association import AssociationGraph, View
from gnntrack.graphs.tracklet_graph import tracklet_graph
from gnntrack.graphs.tracklets import Tracklets, find_tracklets
from gnntrack.models.association_network import AssociationNetwork, TrackletNetworkSettings
from gnntrack.models.settings import AssociationSettings
from gnntrack.tracking.replay import find_links, link_probability, tracks_of_links

#: Boxes from which a tracklet counts no more when overlapping tracklets of one identity are chosen from.
ENOUGH = 1000


@dataclass(frozen=True)
class LabelledGraph:
    """A tracklet graph with the truth.

    Attributes:
        graph: of a clip.
        label: ``(E,)`` which candidates are true.
    """

    graph: AssociationGraph
    label: np.ndarray


def labelled_graph(
    seen: np.ndarray,
    identity: np.ndarray,
    view: View,
    network: AssociationNetwork,
    association: AssociationSettings,
    settings: TrackletNetworkSettings,
) -> LabelledGraph | None:
    """Tracks a clip, mistakes and all, and says which tracklets belong together; None where none could.

    Args:
        seen: ``(N, 6)`` observations, sorted by frame.
        identity: ``(N,)`` true identities, −1: none.
        view: of the video.
        network: the tracker's.
        association: the tracker's thresholds.
        settings: of the tracklet network.
    """
    scored = find_links(seen, view, network, association)
    count = len(seen)
    tracklets = find_tracklets(seen, tracks_of_links(scored.made, count), link_probability(scored, count))
    if len(tracklets) < 2:
        return None
    graph = tracklet_graph(tracklets, view, settings.candidates, settings.reach)
    if not graph.links.shape[1]:
        return None
    source, target = graph.ends
    return LabelledGraph(graph, successors(tracklets, identity)[source] == target)


def successors(tracklets: Tracklets, identity: np.ndarray) -> np.ndarray:
    """The tracklet that truly follows each ``(T,)``, −1: none.

    A tracklet is of the identity that most of its boxes have. Where several of one identity overlap in time (a second
    box on one object, a short mistake), the chain with the most boxes is the true one::

        identity 7   ●●●●●●●──▶●●●●●──▶●●●●●●●●
                           ●●●                      no part of the chain

    Args:
        tracklets: T of them.
        identity: ``(N,)`` of the boxes that they were made of, −1: a false positive.
    """
    follows = np.full(len(tracklets), -1)
    owner = _owners(tracklets, identity)
    by_end = np.argsort(tracklets.tail.frame, kind="stable")
    by_end = by_end[owner[by_end] >= 0]
    by_end = by_end[np.argsort(owner[by_end], kind="stable")]
    for group in np.split(by_end, np.flatnonzero(np.diff(owner[by_end])) + 1):
        chain = _longest_chain(
            tracklets.head.frame[group], tracklets.tail.frame[group], np.minimum(tracklets.size[group], ENOUGH)
        )
        for one, other in pairwise(group[chain].tolist()):
            follows[one] = other
    return follows


def _owners(tracklets: Tracklets, identity: np.ndarray) -> np.ndarray:
    """The identity ``(T,)`` of most boxes of each tracklet, −1: of none."""
    used = tracklets.of >= 0
    pair, count = np.unique(np.stack([tracklets.of[used], identity[used]]), axis=1, return_counts=True)
    order = np.lexsort([-count, pair[0]])
    first = order[np.unique(pair[0, order], return_index=True)[1]]
    owner: np.ndarray = np.where(2 * count[first] > tracklets.size, pair[1, first], -1)
    return owner


def _longest_chain(begin: np.ndarray, end: np.ndarray, worth: np.ndarray) -> list[int]:
    """Positions of the intervals, sorted by end, that follow each other and together are worth most."""
    best, steps = [0.0], []
    for position in range(len(begin)):
        before = int(np.searchsorted(end[:position], begin[position]))
        value = best[before] + worth[position]
        steps.append((value > best[-1], before))
        best.append(max(value, best[-1]))
    chain = []
    position = len(begin)
    while position > 0:
        taken, before = steps[position - 1]
        if taken:
            chain.append(position - 1)
        position = before if taken else position - 1
    return chain[::-1]
