"""Cutting tracks into tracklets, compiled: boxes in order of track and time, runs of clear ones, their two ends."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gnntrack.association.histories import CONFIDENCE, FRAME
from gnntrack.compiled import compiled
from gnntrack.geometry.boxes import HEIGHT, WIDTH, X, Y
from gnntrack.geometry.camera import camera_path
from gnntrack.geometry.logarithms import logarithms
from gnntrack.relinking.ends import Boxes, Ends, find_ends, plain

#: Clear boxes in a row that make a tracklet.
SHORTEST = 3
NO_TRACKLET = -1
#: Tracks may be numbered up to so many times the boxes to be counted; others are sorted.
_SPREAD = 64


class Cut(NamedTuple):
    """Tracks of N boxes, cut into T tracklets, by track and time.

    Attributes:
        of: ``(N,)`` the tracklet of every box; −1: none.
        track: ``(T,)`` of each tracklet.
        following: ``(T,)`` the next tracklet of the same track; −1: none.
        weakest_link: ``(T,)`` the least probable link since the one before.
        chosen: ``(C,)`` the boxes of tracklets, in order.
        edges: ``(T + 1,)`` where each tracklet begins among these, and C.
    """

    of: np.ndarray
    track: np.ndarray
    following: np.ndarray
    weakest_link: np.ndarray
    chosen: np.ndarray
    edges: np.ndarray


class Asked(NamedTuple):
    """Which ends of T tracklets are asked for.

    Attributes:
        tail: ``(T,)`` whose features are wanted.
        head: likewise.
        since: frame before which nobody asks where the camera was.
    """

    tail: np.ndarray
    head: np.ndarray
    since: float


@compiled
def by_track(track: np.ndarray) -> np.ndarray:
    """The tracked boxes by track and time, ``(M,)``.

    Args:
        track: ``(N,)`` of boxes by time; below 1: none.

    Example:
        >>> by_track(np.array([2, 0, 1, 2, 1])).tolist(), by_track(np.array([10**15, 0, 7, 10**15])).tolist()
        ([2, 4, 0, 3], [2, 0, 3])
    """
    low, high, number = 0, 0, 0
    for one in track:
        if one > 0:
            low = one if number == 0 else min(low, one)
            high = max(high, one)
            number += 1
    if high - low > _SPREAD * (number + 1):
        tracked = np.flatnonzero(track > 0)
        return tracked[np.argsort(track[tracked], kind="mergesort")]
    order, begin = np.empty(number, dtype=np.int64), np.zeros(high - low + 2, dtype=np.int64)
    for one in track:  # few numbers in between: the boxes of each track are counted
        if one > 0:
            begin[one - low + 1] += 1
    for place in range(1, len(begin)):
        begin[place] += begin[place - 1]
    for row in range(len(track)):
        if track[row] > 0:
            order[begin[track[row] - low]] = row
            begin[track[row] - low] += 1
    return order


@compiled
def cut(order: np.ndarray, track: np.ndarray, probability: np.ndarray, clear: np.ndarray) -> Cut:
    """Tracklets of boxes that are by time: see :func:`.tracklets.find_tracklets`.

    Args:
        order: ``(M,)`` the tracked ones, by track and time.
        track: ``(N,)``.
        probability: ``(N,)``.
        clear: ``(N,)``.
    """
    numbers = _number(track, clear, order)
    of, number, count = np.full(len(track), NO_TRACKLET), 0, 0
    for place in range(len(order)):
        of[order[place]] = numbers[place]
        number = max(number, numbers[place] + 1)
        count += numbers[place] >= 0
    chosen, edges = np.empty(count, dtype=np.int64), np.zeros(number + 1, dtype=np.int64)
    names, following = np.empty(number, dtype=np.int64), np.full(number, NO_TRACKLET)
    count = 0
    for place in range(len(order)):
        tracklet = numbers[place]
        if tracklet >= 0:
            chosen[count] = order[place]
            count += 1
            edges[tracklet + 1], names[tracklet] = count, track[order[place]]
    for tracklet in range(number - 1):
        if names[tracklet] == names[tracklet + 1]:
            following[tracklet] = tracklet + 1
    return Cut(of, names, following, _weakest_links(numbers, track, probability, order, number), chosen, edges)


@compiled
def asked_of(detections: np.ndarray, made: Cut, open_heads: float, reach: float) -> Asked:
    """The ends that may have candidates.

    Args:
        detections: ``(N, 6)`` observations.
        made: tracklets.
        open_heads: frame before which beginnings have none.
        reach: longest gap of candidates.
    """
    count = len(made.track)
    tails, heads, since = np.empty(count, dtype=np.bool_), np.empty(count, dtype=np.bool_), np.inf
    for tracklet in range(count):
        heads[tracklet] = detections[made.chosen[made.edges[tracklet]], FRAME] >= open_heads
        tails[tracklet] = detections[made.chosen[made.edges[tracklet + 1] - 1], FRAME] >= open_heads - reach
    for tracklet in range(count):
        if made.following[tracklet] >= 0:
            tails[tracklet] |= heads[made.following[tracklet]]
    for tracklet in range(count):
        if heads[tracklet]:
            since = min(since, detections[made.chosen[made.edges[tracklet]], FRAME])
        if tails[tracklet]:
            since = min(since, detections[made.chosen[made.edges[tracklet + 1] - 1], FRAME])
    return Asked(tails, heads, since)


@compiled
def ends_of(
    detections: np.ndarray,
    order: np.ndarray,
    track: np.ndarray,
    relative: np.ndarray,
    camera: np.ndarray,
    made: Cut,
    asked: Asked,
) -> tuple[Ends, Ends]:
    """Ends and beginnings of tracklets.

    Args:
        detections: ``(N, 6)`` observations.
        order: ``(M,)``, see :func:`by_track`.
        track: ``(N,)``.
        relative: ``(N, 2)``.
        camera: ``(N, 2)`` where it stands; ``(0, 2)``: as these boxes tell.
        made: the tracklets.
        asked: which ends.
    """
    if not len(camera):
        camera = _camera(detections, track, order, asked.since)
    boxes = _in_order(detections, relative, camera, made.chosen)
    tail = find_ends(made.edges, made.track, boxes, asked.tail, True)
    return tail, find_ends(made.edges, made.track, boxes, asked.head, False)


@compiled
def cut_with_ends(
    detections: np.ndarray,
    track: np.ndarray,
    probability: np.ndarray,
    clear: np.ndarray,
    relative: np.ndarray,
    camera: np.ndarray,
) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
    """The fields of :class:`Cut`, and those of both ends of all tracklets, as plain arrays."""
    order = by_track(track)
    made = cut(order, track, probability, clear)
    tail, head = ends_of(detections, order, track, relative, camera, made, asked_of(detections, made, -np.inf, 0.0))
    fields = made.of, made.track, made.following, made.weakest_link, made.chosen, made.edges
    return fields, plain(tail), plain(head)


@compiled
def _in_order(detections: np.ndarray, relative: np.ndarray, camera: np.ndarray, chosen: np.ndarray) -> Boxes:
    """The chosen boxes, side by side."""
    count = len(chosen)
    box, sides, cameras = np.empty((count, 4)), np.empty((count, 2)), np.empty((count, 2))
    sizes = np.empty((count, 2))
    frame, confidence = np.empty(count), np.empty(count)
    for place in range(count):
        row = chosen[place]
        for side in range(4):
            box[place, side] = detections[row, side]
        box[place, Y] += 0.5 * box[place, HEIGHT]
        frame[place], confidence[place] = detections[row, FRAME], detections[row, CONFIDENCE]
        for side in range(2):
            sizes[place, side] = detections[row, WIDTH + side]
            sides[place, side], cameras[place, side] = relative[row, side], camera[row, side]
    logarithms(sizes.reshape(-1))
    return Boxes(box, sizes, frame, confidence, sides, cameras)


@compiled
def _camera(detections: np.ndarray, track: np.ndarray, order: np.ndarray, since: float) -> np.ndarray:
    """Where the camera stands ``(N, 2)`` at every box from a frame on, where it starts."""
    count, first = len(detections), 0
    while first < count and detections[first, FRAME] < since:
        first += 1
    frame, camera = detections[:, FRAME].copy(), np.zeros((count, 2))
    step, known = np.zeros((count, 2)), np.zeros(count, dtype=np.bool_)
    for place in range(1, len(order)):
        row, last = order[place], order[place - 1]
        if last >= first and track[row] == track[last] and frame[row] == frame[last] + 1:
            known[row] = True
            step[row, X] = detections[row, X] - detections[last, X]
            bottom = detections[row, Y] + 0.5 * detections[row, HEIGHT]
            step[row, Y] = bottom - (detections[last, Y] + 0.5 * detections[last, HEIGHT])
    camera[first:] = camera_path(frame[first:], step[first:], known[first:], np.zeros(2))
    return camera


@compiled
def _number(track: np.ndarray, clear: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Numbers the runs of at least :data:`SHORTEST` clear boxes; a track that has none is one tracklet as it is."""
    result = np.full(len(order), NO_TRACKLET)
    count, first = 0, 0
    while first < len(order):
        last = first
        while last < len(order) and track[order[last]] == track[order[first]]:
            last += 1
        before, run = count, first
        while run < last:
            stop = run
            while stop < last and clear[order[stop]]:
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
def _weakest_links(
    of: np.ndarray, track: np.ndarray, probability: np.ndarray, order: np.ndarray, count: int
) -> np.ndarray:
    """The least probable of the links from the end of each tracklet to the beginning of the next of its track."""
    result = np.zeros(count)
    least, known = 1.0, False
    for place in range(len(of)):
        row = order[place]
        if place == 0 or track[row] != track[order[place - 1]]:
            least, known = 1.0, False
        else:
            least = min(least, probability[row])
        if of[place] >= 0:
            if known and of[place] != of[place - 1]:
                result[of[place]] = least
            least, known = 1.0, True
    return result
