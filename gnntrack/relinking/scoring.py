"""The scores of candidate links between tracklets, by the members of a network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from gnntrack.association.compiled_network import fast_associate
from gnntrack.association.feature_columns import APPEARANCE
from gnntrack.association.graph import BipartiteGraph
from gnntrack.association.packed_weights import Weights
from gnntrack.association.usefulness import Usefulness, by_boxes
from gnntrack.compiled import compiled
from gnntrack.relinking.all_candidates import candidates_of_video, predecessors
from gnntrack.relinking.candidates import Candidates, Settled
from gnntrack.relinking.compiled_network import CompiledTrackletNetwork
from gnntrack.relinking.graph import graph_of
from gnntrack.relinking.tracklets import Tracklets
from gnntrack.sequence import View

#: Candidates that are scored at once, where a video has more: a fixed number, so that the results do not depend on
#: how many rows are worked on at once.
LINKS_AT_ONCE = 32_768


def mean_logits(members: tuple[Weights, ...], graph: BipartiteGraph) -> np.ndarray:
    """Mean logits ``(E,)`` of the members of a tracklet network for the candidates of a graph."""
    return mean([logits(member, graph) for member in members])


def logits(member: Weights, graph: BipartiteGraph) -> np.ndarray:
    """Those of one member."""
    if not graph.edge_index.shape[1]:
        return np.zeros(0, dtype=np.float32)
    result: np.ndarray = fast_associate(member, graph, objects=False).logits[-1]
    return result


def mean(of_members: list[np.ndarray]) -> np.ndarray:
    """The mean ``(E,)`` of what members say."""
    total = of_members[0].copy()
    for one in of_members[1:]:
        total += one
    return total / np.float32(len(of_members))


def weighed(members: tuple[Weights, ...], graph: BipartiteGraph, usefulness: Usefulness | None) -> BipartiteGraph:
    """The graph with appearance features that count as much as embeddings tell.

    Args:
        members: of a tracklet network.
        graph: of ends and beginnings.
        usefulness: measured so far; learns. None: the network has no appearance branch.
    """
    if usefulness is None or not graph.appearance.any():
        return graph
    return usefulness.weighed(graph, _by_boxes(members, graph), None)


def _by_boxes(members: tuple[Weights, ...], graph: BipartiteGraph) -> np.ndarray:
    """The mean probability ``(E,)`` without a look at embeddings."""
    mean: np.ndarray = np.mean([by_boxes(member, graph) for member in members], axis=0)
    return mean


def score_tracklets(
    tracklets: Tracklets, view: View, network: CompiledTrackletNetwork, settled: Settled
) -> tuple[np.ndarray, np.ndarray]:
    """The candidates ``(2, E)`` of a whole video, as pairs of tracklets, and the logit ``(E,)`` of each.

    A link's score depends on links that are a few steps away, from end to end: each round of messages goes two steps.
    So candidates are scored in batches in order of time, each with all that it depends on.

    Args:
        tracklets: T of them.
        view: of the video.
        network: scores candidates.
        settled: ends and beginnings that are already decided.
    """
    shape = network.settings
    found = candidates_of_video(tracklets, settled, shape.candidates, shape.reach.frames(view.frame_rate))
    batches = list(_batches(found.links, tracklets.tail.frame, 2 * shape.rounds - 1))
    logit = np.zeros(found.links.shape[1], dtype=np.float32)
    preceding = predecessors(tracklets)

    def graph(batch: _Batch) -> BipartiteGraph:
        source, target = links = found.links[:, batch.links]
        around = np.concatenate([source, target, tracklets.following[source], preceding[target]])
        some = np.unique(around[around >= 0])
        there = Candidates(
            np.searchsorted(some, links), found.distance[batch.links], np.take(found.ranks, batch.links, axis=1)
        )
        return graph_of(there, tracklets.take(some), view, shape.appearance)

    usefulness = network.usefulness()
    if usefulness is None or not tracklets.appearance.any():
        for batch in batches:
            logit[batch.links[batch.own]] = mean_logits(network.members, graph(batch))[batch.own]
        return found.links, logit
    known, cosine, alone = np.zeros(len(logit), dtype=bool), np.zeros_like(logit), np.zeros_like(logit)
    for batch in batches:
        here, mine = graph(batch), batch.links[batch.own]
        known[mine] = here.appearance[batch.own, APPEARANCE.known] > 0
        cosine[mine] = here.appearance[batch.own, APPEARANCE.cosine]
        alone[mine] = _by_boxes(network.members, here)[batch.own]
    usefulness.learn_from(found.links, known, cosine, alone)
    for batch in batches:
        here = usefulness.as_useful(graph(batch))
        logit[batch.links[batch.own]] = mean_logits(network.members, here)[batch.own]
    return found.links, logit


class _Batch(NamedTuple):
    """Links that are scored together.

    Attributes:
        links: ``(B,)`` positions of the links, ascending.
        own: ``(B,)`` those whose scores are wanted; the scores of the others may be wrong.
    """

    links: np.ndarray
    own: np.ndarray


def _batches(links: np.ndarray, end: np.ndarray, steps: int) -> Iterator[_Batch]:
    """Batches of links ``(2, E)``, in order of time.

    Args:
        links: pairs of tracklets; sorted.
        end: ``(T,)`` last frame of each tracklet.
        steps: from link to link by a common end, of the links on which scores depend.
    """
    count = links.shape[1]
    if count <= LINKS_AT_ONCE:
        if count:
            yield _Batch(np.arange(count), np.ones(count, dtype=bool))
        return
    order = np.argsort(end[links[0]], kind="stable")
    by_head = np.argsort(links[1], kind="stable")
    number = np.arange(len(end) + 1)
    of_tail, of_head = np.searchsorted(links[0], number), np.searchsorted(links[1][by_head], number)
    mark = np.full(count, -1)
    for first in range(0, count, LINKS_AT_ONCE):
        own = order[first : first + LINKS_AT_ONCE]
        around = np.sort(_around(links, by_head, of_tail, of_head, own, steps, mark, first))
        yield _Batch(around, np.isin(around, own))


@compiled
def _around(
    links: np.ndarray,
    by_head: np.ndarray,
    of_tail: np.ndarray,
    of_head: np.ndarray,
    own: np.ndarray,
    steps: int,
    mark: np.ndarray,
    stamp: int,
) -> np.ndarray:
    """The links that can be reached from others in so many steps, these included.

    Args:
        links: ``(2, E)``, sorted.
        by_head: ``(E,)`` the links by their beginning.
        of_tail: ``(T + 1,)`` where those of each end begin in ``links``.
        of_head: ``(T + 1,)`` where those of each beginning begin in ``by_head``.
        own: where to start.
        steps: how many.
        mark: ``(E,)`` below ``stamp``; is changed.
        stamp: what no call before had.
    """
    result = np.empty(links.shape[1], dtype=np.int64)
    number = 0
    for link in own:
        mark[link] = stamp
        result[number] = link
        number += 1
    first = 0
    for _ in range(steps):
        last = number
        for place in range(first, last):
            tail, head = links[0, result[place]], links[1, result[place]]
            for other in range(of_tail[tail], of_tail[tail + 1]):
                if mark[other] != stamp:
                    mark[other] = stamp
                    result[number] = other
                    number += 1
            for position in range(of_head[head], of_head[head + 1]):
                other = by_head[position]
                if mark[other] != stamp:
                    mark[other] = stamp
                    result[number] = other
                    number += 1
        first = last
    return result[:number].copy()
