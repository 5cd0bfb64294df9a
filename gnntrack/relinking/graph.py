"""The tracklet graph: ends of tracklets, beginnings of tracklets, and the candidate links between them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gnntrack.association.appearance import appearance_features, nothing_known
from gnntrack.association.feature_columns import NEIGHBOUR_FEATURES
from gnntrack.association.graph import BipartiteGraph
from gnntrack.relinking.candidates import Pieces, Settled
from gnntrack.relinking.candidates import candidates as find_candidates
from gnntrack.relinking.features import end_features, pair_features
from gnntrack.relinking.tracklets import Tracklets
from gnntrack.sequence import View


class TrackletGraph(NamedTuple):
    """The graph, and its links as pairs of tracklets.

    Attributes:
        graph: past nodes are the ends with candidates, future nodes the beginnings with candidates.
        links: ``(2, E)`` tracklets of each candidate, the earlier and the later; sorted.
    """

    graph: BipartiteGraph
    links: np.ndarray


def tracklet_graph(
    tracklets: Tracklets,
    view: View,
    candidates: int,
    reach: int,
    settled: Settled | None = None,
    appearance: bool = False,
) -> TrackletGraph:
    """Every end of a tracklet against the beginnings that follow it.

    Args:
        tracklets: T of them.
        view: of the video.
        candidates: nearest partners kept of every end and of every beginning.
        reach: longest gap, in frames.
        settled: ends and beginnings that are already decided; None: none are.
        appearance: whether links get appearance features.
    """
    settled = settled or Settled.nothing(len(tracklets))
    tail, head = tracklets.tail, tracklets.head
    pieces = Pieces(tail, head, tracklets.following, tracklets.weakest_link, tracklets.size, tracklets.group)
    found = find_candidates(pieces, settled, candidates, reach)
    links = found.links
    tails, source = np.unique(links[0], return_inverse=True)
    heads, target = np.unique(links[1], return_inverse=True)
    no_neighbours = np.zeros((2, 0), dtype=np.int64)
    embeddings, ends = tracklets.appearance, np.stack([source, target])
    alike = appearance_features(embeddings[tails], embeddings[heads], ends) if appearance else nothing_known(ends)
    graph = BipartiteGraph(
        end_features(tail, tails),
        end_features(head, heads),
        np.stack([source, target + len(tails)]),
        pair_features(found, pieces, float(view.frame_rate)),
        no_neighbours,
        np.zeros((0, NEIGHBOUR_FEATURES), dtype=np.float32),
        alike,
    )
    return TrackletGraph(graph, links)
