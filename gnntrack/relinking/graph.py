"""The tracklet graph: ends of tracklets, beginnings of tracklets, and the candidate links between them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gnntrack.association.appearance import appearance_features, nothing_known
from gnntrack.association.feature_columns import NEIGHBOUR_FEATURES
from gnntrack.association.graph import BipartiteGraph
from gnntrack.compiled import compiled
from gnntrack.relinking.candidates import Candidates, Pieces, Settled
from gnntrack.relinking.candidates import candidates as find_candidates
from gnntrack.relinking.ends import Ends
from gnntrack.relinking.features import end_features, nodes, pair_features
from gnntrack.relinking.tracklets import Tracklets
from gnntrack.sequence import View

_NO_NEIGHBOURS, _NO_RELATIONS = np.zeros((2, 0), dtype=np.int64), np.zeros((0, NEIGHBOUR_FEATURES), dtype=np.float32)


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
    links, tails, heads, ends, past, future, pairs = _built(
        *tracklets.tail,
        *tracklets.head,
        tracklets.following,
        tracklets.weakest_link,
        tracklets.size,
        tracklets.group,
        *settled,
        candidates,
        reach,
        float(view.frame_rate),
    )
    return TrackletGraph(as_graph(tracklets.appearance, tails, heads, ends, past, future, pairs, appearance), links)


def graph_of(found: Candidates, tracklets: Tracklets, view: View, appearance: bool = False) -> BipartiteGraph:
    """The graph of candidates that are known."""
    features = features_of(found, pieces_of(tracklets), float(view.frame_rate))
    return as_graph(tracklets.appearance, *features, appearance)


def pieces_of(tracklets: Tracklets) -> Pieces:
    """What compiled code needs of tracklets."""
    tail, head = tracklets.tail, tracklets.head
    return Pieces(tail, head, tracklets.following, tracklets.weakest_link, tracklets.size, tracklets.group)


def as_graph(
    embeddings: np.ndarray,
    tails: np.ndarray,
    heads: np.ndarray,
    ends: np.ndarray,
    past: np.ndarray,
    future: np.ndarray,
    pairs: np.ndarray,
    appearance: bool,
) -> BipartiteGraph:
    """The graph of candidates ``ends (2, E)`` with their features.

    Args:
        embeddings: ``(T, A)`` of tracklets.
        tails: ``(A,)`` tracklets whose ends have candidates.
        heads: ``(B,)`` those whose beginnings have candidates.
        ends: ``(2, E)`` positions in both; is changed.
        past: ``(A, ·)`` features.
        future: ``(B, ·)`` features.
        pairs: ``(E, ·)`` features.
        appearance: whether links get appearance features.
    """
    alike = appearance_features(embeddings[tails], embeddings[heads], ends) if appearance else nothing_known(ends)
    ends[1] += len(tails)
    return BipartiteGraph(past, future, ends, pairs, _NO_NEIGHBOURS, _NO_RELATIONS, alike)


@compiled
def _built(
    tail_frame: np.ndarray,
    tail_box: np.ndarray,
    tail_used: np.ndarray,
    tail_height: np.ndarray,
    tail_confidence: np.ndarray,
    tail_lines: np.ndarray,
    tail_usual: np.ndarray,
    tail_camera: np.ndarray,
    head_frame: np.ndarray,
    head_box: np.ndarray,
    head_used: np.ndarray,
    head_height: np.ndarray,
    head_confidence: np.ndarray,
    head_lines: np.ndarray,
    head_usual: np.ndarray,
    head_camera: np.ndarray,
    following: np.ndarray,
    weakest_link: np.ndarray,
    size: np.ndarray,
    group: np.ndarray,
    known_tail: np.ndarray,
    known_head: np.ndarray,
    candidates: int,
    reach: int,
    frame_rate: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Candidates, the tracklets at their ends, which of these each connects, and features; takes plain arrays."""
    tail = Ends(tail_frame, tail_box, tail_used, tail_height, tail_confidence, tail_lines, tail_usual, tail_camera)
    head = Ends(head_frame, head_box, head_used, head_height, head_confidence, head_lines, head_usual, head_camera)
    pieces = Pieces(tail, head, following, weakest_link, size, group)
    found = find_candidates(pieces, Settled(known_tail, known_head), candidates, reach)
    tails, heads, ends, past, future, pairs = features_of(found, pieces, frame_rate)
    return found.links, tails, heads, ends, past, future, pairs


@compiled
def features_of(
    found: Candidates, pieces: Pieces, frame_rate: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The tracklets at the ends of candidates, which of these each connects, and features."""
    of = nodes(found.links, len(pieces.following))
    ends = np.empty((2, len(of.source)), dtype=np.int64)
    for link in range(len(of.source)):
        ends[0, link], ends[1, link] = of.source[link], of.target[link]
    past, future = end_features(pieces.tail, of.tails), end_features(pieces.head, of.heads)
    return of.tails, of.heads, ends, past, future, pair_features(found, pieces, of, frame_rate)
