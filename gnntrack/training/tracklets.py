"""Tracklet graphs of tracked clips with labels: the training data of the tracklet network."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from gnntrack.association.graph import BipartiteGraph
from gnntrack.association.histories import FRAME
from gnntrack.geometry.camera_motion import CameraMotion
from gnntrack.relinking.candidates import Settled
from gnntrack.relinking.cutting import SHORTEST
from gnntrack.relinking.graph import tracklet_graph
from gnntrack.relinking.moving_camera import in_first_image, surroundings
from gnntrack.relinking.settings import TrackletNetworkSettings
from gnntrack.relinking.settling import settle
from gnntrack.relinking.surroundings import Surroundings, find_surroundings, unseen
from gnntrack.relinking.tracklets import Tracklets, find_tracklets
from gnntrack.relinking.whole_video import tracklets_of_video
from gnntrack.relinking.window import WINDOW
from gnntrack.sequence import View
from gnntrack.tracking.replay import FoundLinks
from gnntrack.tracking.row_links import tracks_of_links

#: What may be hidden behind a box cuts tracklets when they are used, not when they are learned from: networks that
#: learned from such cuts were worse, with and without them.
HIDDEN = 0
#: Boxes from which a tracklet counts no more when overlapping tracklets of one identity are chosen from.
ENOUGH = 1000


@dataclass(frozen=True)
class LabelledGraph:
    """A tracklet graph with the truth.

    Attributes:
        graph: of a clip.
        label: ``(E,)`` which candidates are true.
    """

    graph: BipartiteGraph
    label: np.ndarray


def whole_graph(
    detections: np.ndarray,
    identity: np.ndarray,
    tracked: FoundLinks,
    view: View,
    settings: TrackletNetworkSettings,
    camera: CameraMotion | None = None,
) -> list[LabelledGraph]:
    """The graph that the offline tracker scores after a clip: a list of one, or none if nothing is to be linked.

    Args:
        detections: ``(N, 6 + A)`` observations, sorted by frame.
        identity: ``(N,)`` true identities, −1: none.
        tracked: the output of the tracker, with its errors.
        view: of the video.
        settings: of the tracklet network.
        camera: its motion, if it is known.
    """
    track = tracks_of_links(tracked.links)
    _, tracklets = tracklets_of_video(detections, track, tracked.probability, camera, hidden=HIDDEN)
    open_all = Settled.nothing(len(tracklets))
    return _labelled(tracklets, successors(tracklets, identity), view, settings.candidates, settings, open_all)


def moment_graphs(
    detections: np.ndarray,
    identity: np.ndarray,
    tracked: FoundLinks,
    view: View,
    settings: TrackletNetworkSettings,
    most: int,
    rng: np.random.Generator,
    camera: CameraMotion | None = None,
) -> list[LabelledGraph]:
    """The graphs that the online tracker scores after crossings, at some of these moments.

    Args:
        detections: ``(N, 6 + A)`` observations, sorted by frame.
        identity: ``(N,)`` true identities, −1: none.
        tracked: the output of the tracker, with its errors.
        view: of the video.
        settings: of the tracklet network.
        most: moments.
        rng: chooses them.
        camera: its motion, if it is known.
    """
    track, frame = np.abs(tracked.track), detections[:, FRAME]
    moments = np.unique(frame[_clear_for(detections, track) == SHORTEST])
    around = None
    if camera is not None and len(detections):
        around = surroundings(detections, track, camera, HIDDEN)
        detections = in_first_image(detections, camera)
    graphs = []
    for now in rng.choice(moments, min(most, len(moments)), replace=False).astype(int).tolist():
        rows = slice(*np.searchsorted(frame, [now - WINDOW, now], side="right").tolist())
        near = None if around is None else Surroundings(around.clear[rows], around.relative[rows])
        tracklets = find_tracklets(detections[rows], track[rows], tracked.probability[rows], near, hidden=HIDDEN)
        follows = successors(tracklets, identity[rows])
        before = np.flatnonzero(follows >= 0)
        settled = settle(tracklets, np.stack([before, follows[before]]), now)
        graphs += _labelled(tracklets, follows, view, settings.online_candidates, settings, settled)
    return graphs


def _labelled(
    tracklets: Tracklets,
    follows: np.ndarray,
    view: View,
    candidates: int,
    settings: TrackletNetworkSettings,
    settled: Settled,
) -> list[LabelledGraph]:
    reach = settings.reach.frames(view.frame_rate)
    graph, links = tracklet_graph(tracklets, view, candidates, reach, settled, settings.appearance)
    return [LabelledGraph(graph, follows[links[0]] == links[1])] if links.shape[1] else []


def _clear_for(detections: np.ndarray, track: np.ndarray) -> np.ndarray:
    """For how many boxes of its track up to now each ``(N,)`` has been clear."""
    rows = np.flatnonzero(track > 0)
    starts = np.append(np.flatnonzero(np.diff(detections[rows, FRAME], prepend=-1)), len(rows))
    clear = find_surroundings(
        detections, rows, starts, track[rows], *unseen(int(track.max(initial=0)) + 1), HIDDEN
    ).clear
    order = rows[np.argsort(track[rows], kind="stable")]
    # counted from the last box that was not clear, or from before the first box of the track
    place = np.arange(len(order))
    before = np.where(np.diff(track[order], prepend=0) != 0, place - 1, -1)
    before = np.maximum.accumulate(np.where(clear[order], before, place))
    result = np.zeros(len(detections), dtype=np.int64)
    result[order] = place - before
    return result


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


def _longest_chain(begin: np.ndarray, end: np.ndarray, weight: np.ndarray) -> list[int]:
    """Positions of the intervals, sorted by end, that follow each other and have the largest total weight."""
    best, steps = [0.0], []
    for position in range(len(begin)):
        before = int(np.searchsorted(end[:position], begin[position]))
        value = best[before] + weight[position]
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
