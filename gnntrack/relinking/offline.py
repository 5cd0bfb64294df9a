"""Correcting identity switches after crossings, offline: tracks are cut where they overlap, and relinked."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment

from gnntrack.association.compiled_network import Weights, fast_associate
from gnntrack.association.graph import BipartiteGraph
from gnntrack.association.histories import FRAME
from gnntrack.association.rivals import clear_of_rivals
from gnntrack.association.rounding import Rounding, round_links
from gnntrack.association.usefulness import Usefulness, by_boxes
from gnntrack.geometry.camera_motion import CameraMotion
from gnntrack.relinking.candidates import Settled
from gnntrack.relinking.compiled_network import CompiledTrackletNetwork
from gnntrack.relinking.ends import foot_boxes
from gnntrack.relinking.graph import tracklet_graph
from gnntrack.relinking.moving_camera import seen_by_still_camera
from gnntrack.relinking.settings import RelinkingSettings, TrackletNetworkSettings
from gnntrack.relinking.tracklets import Tracklets, find_tracklets
from gnntrack.sequence import View

#: Largest distance, in heights (over position and size), of a box in a crossing from the track that gets it.
LARGEST_DISTANCE = 1.0


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


def relink(
    detections: np.ndarray,
    track: np.ndarray,
    probability: np.ndarray,
    view: View,
    network: CompiledTrackletNetwork,
    settings: RelinkingSettings,
    rounding: Rounding = "exact",
    groups: np.ndarray | None = None,
    camera: CameraMotion | None = None,
    margin: float = 0.0,
) -> np.ndarray:
    """Assigns the boxes of tracks to tracks again.

    Online, identities are decided frame by frame, while objects occlude each other. Offline, the paths on both sides
    of a crossing are known: the tracklets before and after it are linked at once, by motion, size and the
    probabilities of the tracker's links. Boxes in between stay where the tracker's link is kept; otherwise they go to
    the relinked track that is closest by linear interpolation.

    Args:
        detections: ``(N, 6 + A)`` observations, sorted by frame.
        track: ``(N,)`` the track of each, from 1; below 1: none.
        probability: ``(N,)`` of the link by which its track came to each.
        view: of the video.
        network: scores the links.
        settings: the threshold, and the number of tracks from which a frame is crowded.
        rounding: ``exact`` or ``greedy``.
        groups: ``(N,)`` only boxes of one group are linked; None: all are of one.
        camera: its motion, by which all boxes are brought into the first image, if it is known. (They are not
            turned: where the camera has turned, up is no longer up there.)
        margin: how much more probable a link must be than the others of its two tracklets.

    Returns:
        ``(N,)`` the new track of each box, from 1; 0: none.
    """
    detections, around = seen_by_still_camera(detections, track, camera)
    tracklets = find_tracklets(detections, track, probability, around, groups=groups)
    if not len(tracklets):
        return np.zeros(len(detections), dtype=np.int64)
    question = ask(tracklets, detections[track > 0, FRAME], view, network.settings, settings)
    chosen = choose(
        network.members,
        question.graph,
        question.candidates,
        settings.threshold,
        rounding,
        margin,
        network.usefulness(),
    )
    return join_tracklets(detections, track, tracklets, np.concatenate([question.own, chosen], axis=1), groups)


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


def join_tracklets(
    detections: np.ndarray, track: np.ndarray, tracklets: Tracklets, links: np.ndarray, groups: np.ndarray | None = None
) -> np.ndarray:
    """Tracks of linked tracklets and the boxes between them.

    Args:
        detections: ``(N, 6)`` observations, sorted by frame.
        track: ``(N,)`` the tracks that the tracklets were cut from.
        tracklets: T of them.
        links: ``(2, L)`` from tracklets to tracklets that begin after they end.
        groups: ``(N,)`` of the boxes; None: all are of one.

    Returns:
        ``(N,)`` the track of each box, from 1; 0: none.
    """
    name = chains(tracklets, links)
    new = np.where(tracklets.of >= 0, name[tracklets.of], 0)
    order = np.flatnonzero(track > 0)
    order = order[np.argsort(track[order], kind="stable")]
    before, after = _surrounding(tracklets.of[order], track[order])
    unclear = tracklets.of[order] < 0
    rows, before, after = order[unclear], before[unclear], after[unclear]
    follows = np.full(len(tracklets), -1)
    follows[links[0]] = links[1]
    kept = (before >= 0) & (after >= 0) & (follows[before] == after)
    beside = np.where(before < 0, after, before)
    settled = kept | (before < 0) | (after < 0)
    new[rows[settled]] = name[beside[settled]]
    open_rows = rows[~settled]
    made = links[:, tracklets.following[links[0]] != links[1]]
    _give(detections, new, open_rows, tracklets, made, name, np.zeros(len(detections)) if groups is None else groups)
    left = new[open_rows] == 0
    new[open_rows[left]] = name[before[~settled][left]]
    again = _again(detections[:, FRAME], new, tracklets.of >= 0)
    new[again] = len(tracklets) + track[again]
    return new


def chains(tracklets: Tracklets, links: np.ndarray) -> np.ndarray:
    """``(T,)`` the track of each tracklet after linking, from 1."""
    previous = np.full(len(tracklets), -1)
    previous[links[1]] = links[0]
    name = np.arange(1, len(tracklets) + 1)
    for tracklet in np.argsort(tracklets.head.frame, kind="stable"):
        if previous[tracklet] >= 0:
            name[tracklet] = name[previous[tracklet]]
    return name


def _surrounding(of: np.ndarray, track: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The tracklets of the same track before and after each box ``(N,)``, −1: none; boxes by track and time."""
    place = np.arange(len(of))
    new = np.flatnonzero(np.diff(track, prepend=0))
    number = np.searchsorted(new, place, side="right") - 1
    first, last = new[number], np.append(new[1:], len(of))[number]
    earlier = np.maximum.accumulate(np.where(of >= 0, place, -1))
    later = np.minimum.accumulate(np.where(of >= 0, place, len(of))[::-1])[::-1]
    before = np.where(earlier >= first, of[earlier], -1)
    after = np.where(later < last, of[np.minimum(later, len(of) - 1)], -1)
    return before, after


def _give(
    detections: np.ndarray,
    new: np.ndarray,
    rows: np.ndarray,
    tracklets: Tracklets,
    links: np.ndarray,
    name: np.ndarray,
    groups: np.ndarray,
) -> None:
    """Assigns boxes to the closest link of their group, frame by frame: changes ``new``."""
    if not len(rows) or not links.shape[1]:
        return
    tail, head = tracklets.tail, tracklets.head
    rows = np.sort(rows)
    frame = detections[rows, FRAME]
    box = foot_boxes(detections)
    starts = np.append(np.flatnonzero(np.diff(frame, prepend=-1)), len(rows))
    source, target = links
    for first, stop in pairwise(starts.tolist()):
        now, here = frame[first], rows[first:stop]
        across = np.flatnonzero((tail.frame[source] < now) & (now < head.frame[target]))
        if not len(across):
            continue
        i, j = source[across], target[across]
        share = ((now - tail.frame[i]) / (head.frame[j] - tail.frame[i]))[:, None]
        expected = (1.0 - share) * tail.box[i] + share * head.box[j]
        apart = np.abs(expected[:, None] - box[here][None]).sum(2) / tail.height[i][:, None]
        apart[tracklets.group[i][:, None] != groups[here]] = LARGEST_DISTANCE
        link, chosen = linear_sum_assignment(np.minimum(apart, LARGEST_DISTANCE))
        near = apart[link, chosen] < LARGEST_DISTANCE
        new[here[chosen[near]]] = name[i[link[near]]]


def _again(frame: np.ndarray, track: np.ndarray, clear: np.ndarray) -> np.ndarray:
    """Duplicate boxes of a track in a frame; of two, the clear one is kept."""
    order = np.lexsort([~clear, track, frame])
    again = (np.diff(frame[order], prepend=-1) == 0) & (np.diff(track[order], prepend=-1) == 0)
    return order[again & (track[order] > 0)]
