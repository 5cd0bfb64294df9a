"""The two ends of tracklets, compiled: which are asked for, and their state."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gnntrack.association.histories import CONFIDENCE, FRAME
from gnntrack.compiled import compiled
from gnntrack.geometry.boxes import HEIGHT, WIDTH, X, Y
from gnntrack.geometry.camera import camera_path
from gnntrack.geometry.logarithms import logarithms
from gnntrack.relinking.cutting import Cut, by_track, cut
from gnntrack.relinking.ends import Boxes, Ends, find_ends, plain


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
    boxes = _in_order(detections, relative, camera, made, asked.tail | asked.head)
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
def _in_order(detections: np.ndarray, relative: np.ndarray, camera: np.ndarray, made: Cut, wanted: np.ndarray) -> Boxes:
    """The boxes of tracklets, side by side; of those that are not wanted ``(T,)``, frame and box of the ends alone."""
    count = len(made.chosen)
    box, sides, cameras = np.empty((count, 4)), np.empty((count, 2)), np.empty((count, 2))
    sizes, frame, confidence = np.empty((count, 2)), np.empty(count), np.empty(count)
    for tracklet in range(len(made.track)):
        first, last = made.edges[tracklet], made.edges[tracklet + 1] - 1
        for place in range(first, last + 1):
            row = made.chosen[place]
            for side in range(2):
                sides[place, side] = relative[row, side]
            if not wanted[tracklet] and first < place < last:
                continue
            for side in range(4):
                box[place, side] = detections[row, side]
            box[place, Y] += 0.5 * box[place, HEIGHT]
            frame[place], confidence[place] = detections[row, FRAME], detections[row, CONFIDENCE]
            for side in range(2):
                sizes[place, side], cameras[place, side] = detections[row, WIDTH + side], camera[row, side]
        if wanted[tracklet]:
            logarithms(sizes[first : last + 1].reshape(-1))
    return Boxes(box, sizes, frame, confidence, sides, cameras)


@compiled
def _camera(detections: np.ndarray, track: np.ndarray, order: np.ndarray, since: float) -> np.ndarray:
    """Where the camera stands ``(N, 2)`` at every box from a frame on, where it starts."""
    count, first = len(detections), 0
    while first < count and detections[first, FRAME] < since:
        first += 1
    frame, result = detections[first:, FRAME].copy(), np.zeros((count, 2))
    step, known = np.empty((count - first, 2)), np.zeros(count - first, dtype=np.bool_)
    for place in range(1, len(order)):
        row, last = order[place], order[place - 1]
        if last >= first and track[row] == track[last] and frame[row - first] == frame[last - first] + 1:
            known[row - first] = True
            step[row - first, X] = detections[row, X] - detections[last, X]
            bottom = detections[row, Y] + 0.5 * detections[row, HEIGHT]
            step[row - first, Y] = bottom - (detections[last, Y] + 0.5 * detections[last, HEIGHT])
    result[first:] = camera_path(frame, step, known, np.zeros(2))
    return result
