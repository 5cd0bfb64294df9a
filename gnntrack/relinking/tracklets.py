"""Tracklets: the unoccluded stretches of tracks, with the state of their two ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gnntrack.association.histories import COLUMNS, CONFIDENCE, FRAME
from gnntrack.compiled import compiled
from gnntrack.geometry.boxes import HEIGHT, Y
from gnntrack.geometry.camera import camera_path
from gnntrack.relinking.ends import Boxes, Ends, find_ends, plain
from gnntrack.relinking.surroundings import HIDDEN, Surroundings, find_surroundings, unseen

#: Clear boxes in a row that make a tracklet.
SHORTEST = 3
NO_TRACKLET = -1


@dataclass(frozen=True)
class Tracklets:
    """T tracklets, by track and time.

    Attributes:
        of: ``(N,)`` the tracklet of every box; −1: none, because it is not clear, or not tracked.
        track: ``(T,)`` the track that each is a part of.
        size: ``(T,)`` boxes.
        following: ``(T,)`` the next tracklet of the same track, −1: none.
        weakest_link: ``(T,)`` lowest probability of the tracker's links from the previous tracklet of the track; 0:
            none.
        tail: the last boxes of each.
        head: the first boxes of each.
        appearance: ``(T, A)`` sum of the embeddings of the boxes of each, weighted by confidence; A is 0 where there
            are none.
        group: ``(T,)`` only tracklets of one group are linked.
    """

    of: np.ndarray
    track: np.ndarray
    size: np.ndarray
    following: np.ndarray
    weakest_link: np.ndarray
    tail: Ends
    head: Ends
    appearance: np.ndarray
    group: np.ndarray

    def __len__(self) -> int:
        """Number of tracklets."""
        return len(self.track)


def find_tracklets(
    detections: np.ndarray,
    track: np.ndarray,
    probability: np.ndarray,
    around: Surroundings | None = None,
    hidden: int = HIDDEN,
    groups: np.ndarray | None = None,
    open_heads: float = -np.inf,
    reach: float = 0.0,
) -> Tracklets:
    """Cuts tracks wherever two of them overlap so much that identities may be switched.

    Two crossing tracks leave two tracklets before and two after the crossing::

        track 1  ●●●●●●○○○●●●●●●      ● clear: a tracklet      ○ not clear
        track 2  ●●●●●●○○○●●●●●●

    Args:
        detections: ``(N, 6 + A)`` observations, sorted by frame.
        track: ``(N,)`` the track of each, from 1; below 1: none. A track has one box in a frame at most.
        probability: ``(N,)`` of the link by which its track came to each.
        around: the result of :func:`.surroundings.find_surroundings`, if it is already known.
        hidden: frames for which a lost track may be hidden behind a box; 0: never, and none comes from behind one.
        groups: ``(N,)`` of the boxes; a track has one. None: all are of one.
        open_heads: frame before which beginnings have no candidates; they need no features.
        reach: longest gap of candidates, in frames: ends longer before ``open_heads`` have none either.
    """
    tracked = np.flatnonzero(track > 0)
    if around is None:
        frame = detections[:, FRAME].astype(np.int64)
        starts = np.append(np.flatnonzero(np.diff(frame[tracked], prepend=-1)), len(tracked))
        names, place = np.unique(track[tracked], return_inverse=True)
        around = find_surroundings(detections, tracked, starts, place, *unseen(len(names)), hidden)
    order = tracked[np.argsort(track[tracked], kind="stable")]
    known, probability, clear, relative = map(np.ascontiguousarray, (detections[:, :COLUMNS], probability, *around))
    of, names, edges, chosen, following, weakest_link, tail, head = _cut(
        known, order, track, probability, clear, relative, float(open_heads), float(reach)
    )
    embeddings = detections[chosen, COLUMNS:]
    if embeddings.shape[1]:
        embeddings = np.add.reduceat(embeddings * detections[chosen, CONFIDENCE, None], edges[:-1])
    return Tracklets(
        of,
        names,
        np.diff(edges),
        following,
        weakest_link,
        Ends(*tail),
        Ends(*head),
        embeddings if embeddings.shape[1] else np.zeros((len(names), 0)),
        np.zeros(len(names)) if groups is None else groups[chosen[edges[:-1]]],
    )


@compiled
def _cut(
    detections: np.ndarray,
    order: np.ndarray,
    track: np.ndarray,
    probability: np.ndarray,
    clear: np.ndarray,
    relative: np.ndarray,
    open_heads: float,
    reach: float,
) -> tuple[
    np.ndarray,
    np.ndarray,
    np.ndarray,
    np.ndarray,
    np.ndarray,
    np.ndarray,
    tuple[np.ndarray, ...],
    tuple[np.ndarray, ...],
]:
    """The parts of :class:`Tracklets`; ``order``: the tracked boxes, by track and time."""
    count, box = len(detections), np.empty((len(detections), 4))
    moment = np.zeros(count, dtype=np.int64)  # frames with boxes, counted: their numbers may be huge
    for row in range(count):
        for side in range(4):
            box[row, side] = detections[row, side]
        box[row, Y] += 0.5 * box[row, HEIGHT]
        if row:
            moment[row] = moment[row - 1] + (detections[row, FRAME] > detections[row - 1, FRAME])
    tracks, of = track[order], np.full(count, NO_TRACKLET)
    numbers = _number(tracks, clear[order])
    of[order] = numbers
    chosen = order[numbers >= 0]
    number = numbers.max() + 1 if len(numbers) else 0
    edges, names = np.zeros(number + 1, dtype=np.int64), np.empty(number, dtype=np.int64)
    for row in chosen:
        edges[of[row] + 1] += 1
        names[of[row]] = track[row]
    for tracklet in range(number):
        edges[tracklet + 1] += edges[tracklet]
    camera = np.zeros((count, 2))
    if count:
        frames = detections[:, FRAME][order]
        path = camera_path(frames, moment[order], tracks, box[order], moment[-1] + 1)
        camera = path[moment]
    following = np.full(number, NO_TRACKLET)
    for tracklet in range(number - 1):
        if names[tracklet] == names[tracklet + 1]:
            following[tracklet] = tracklet + 1
    heads, tails = np.empty(number, dtype=np.bool_), np.empty(number, dtype=np.bool_)
    for tracklet in range(number):
        heads[tracklet] = detections[chosen[edges[tracklet]], FRAME] >= open_heads
        tails[tracklet] = detections[chosen[edges[tracklet + 1] - 1], FRAME] >= open_heads - reach
    for tracklet in range(number - 1):
        tails[tracklet] |= following[tracklet] >= 0 and heads[tracklet + 1]
    boxes = Boxes(box, detections[:, FRAME].copy(), detections[:, CONFIDENCE].copy(), relative, camera)
    weakest_link = _weakest_links(numbers, tracks, probability[order], number)
    tail = find_ends(chosen, edges, names, boxes, tails, True)
    head = find_ends(chosen, edges, names, boxes, heads, False)
    return of, names, edges, chosen, following, weakest_link, plain(tail), plain(head)


@compiled
def _number(track: np.ndarray, clear: np.ndarray) -> np.ndarray:
    """Numbers the runs of at least :data:`SHORTEST` clear boxes; a track that has none is one tracklet as it is."""
    result = np.full(len(track), NO_TRACKLET)
    count, first = 0, 0
    while first < len(track):
        last = first
        while last < len(track) and track[last] == track[first]:
            last += 1
        before, run = count, first
        while run < last:
            stop = run
            while stop < last and clear[stop]:
                stop += 1
            if stop - run >= SHORTEST:
                result[run:stop] = count
                count += 1
            run = stop + 1
        if count == before:
            result[first:last] = count
            count += 1
        first = last
    return result


@compiled
def _weakest_links(of: np.ndarray, track: np.ndarray, probability: np.ndarray, count: int) -> np.ndarray:
    """The least probable of the links from the end of each tracklet to the beginning of the next of its track."""
    result = np.zeros(count)
    least, known = 1.0, False
    for row in range(len(of)):
        if row == 0 or track[row] != track[row - 1]:
            least, known = 1.0, False
        else:
            least = min(least, probability[row])
        if of[row] >= 0:
            if known and of[row] != of[row - 1]:
                result[of[row]] = least
            least, known = 1.0, True
    return result
