"""Tracklets: the unoccluded stretches of tracks, with the state of their two ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gnntrack.association.histories import COLUMNS, CONFIDENCE, FRAME
from gnntrack.compiled import compiled
from gnntrack.geometry.boxes import HEIGHT, WIDTH, X, Y
from gnntrack.geometry.camera import camera_path
from gnntrack.geometry.compiled_boxes import shared_area
from gnntrack.geometry.medians import median_of
from gnntrack.relinking.ends import Boxes, Ends, find_ends, plain

#: Boxes of two tracks with a higher IoU are not clear: their identities may be switched.
OVERLAP = 0.5
#: A track that is lost may be hidden behind a box which covers more than this of its last one, for so many frames. A
#: track that appears covered so much may come from behind.
COVERED, HIDDEN = 0.5, 5
#: Clear boxes in a row that make a tracklet.
SHORTEST = 3
NO_TRACKLET = -1
#: Last frame of a track without detections: longer ago than any.
NEVER = -1e9


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


class Surroundings(NamedTuple):
    """Boxes among the other tracked boxes of their frames.

    Attributes:
        clear: ``(N,)`` whether none overlaps the box too much, no track that was just lost may be hidden behind it, and
            none comes from behind it.
        relative: ``(N, 2)`` logarithm of width and height against the median of the frame.
    """

    clear: np.ndarray
    relative: np.ndarray


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
        around: the result of :func:`find_surroundings`, if it is already known.
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


def unseen(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Boxes ``(count, 4)`` and frames ``(count,)`` for :func:`find_surroundings`, of new tracks."""
    return np.zeros((count, 4)), np.full(count, NEVER)


@compiled
def find_surroundings(
    detections: np.ndarray,
    rows: np.ndarray,
    starts: np.ndarray,
    track: np.ndarray,
    box: np.ndarray,
    last: np.ndarray,
    hidden: int,
) -> Surroundings:
    """Compares tracked boxes with the others of their frames, and with those of tracks that were just lost.

    Args:
        detections: ``(N, 6)`` observations.
        rows: ``(M,)`` those that are tracked, by frame.
        starts: ``(F + 1,)`` where each frame begins in ``rows``, and M.
        track: ``(M,)`` position of each one's track among K.
        box: ``(K, 4)`` last box of each track, cxcywh; is changed.
        last: ``(K,)`` frame in which that was; is changed.
        hidden: frames for which a lost track may be hidden; 0: never, and none comes from behind a box.
    """
    clear = np.empty(len(detections), dtype=np.bool_)
    for row in range(len(detections)):
        clear[row] = True
    relative, sizes = np.zeros((len(detections), 2)), np.empty((len(rows), 2))
    recent = np.empty(len(last), dtype=np.int64)  # tracks that may be hidden: at first those that were seen just before
    for place in range(len(last)):
        recent[place] = place
    number = len(last)
    appears = np.empty(len(rows), dtype=np.bool_)
    for frame in range(len(starts) - 1):
        here = rows[starts[frame] : starts[frame + 1]]
        if not len(here):
            continue
        now = detections[here[0], FRAME]
        kept = 0
        for place in recent[:number]:
            if now - last[place] <= hidden:
                recent[kept] = place
                kept += 1
        number = kept
        for one in range(len(here)):
            appears[one] = now - last[track[starts[frame] + one]] > 1.0 and hidden > 0
        left = np.empty(len(here))
        for one in range(len(here)):
            left[one] = detections[here[one], X] - detections[here[one], WIDTH] / 2
        order = np.argsort(left)  # boxes overlap only where one begins before the other ends
        for rank in range(len(here)):
            one = order[rank]
            a = detections[here[one]]
            for later in range(rank + 1, len(here)):
                other = order[later]
                if left[other] >= a[X] + a[WIDTH] / 2:
                    break
                b = detections[here[other]]
                common, size, others = shared_area(a, b), a[WIDTH] * a[HEIGHT], b[WIDTH] * b[HEIGHT]
                behind = (appears[one] and common > COVERED * size) or (appears[other] and common > COVERED * others)
                if behind or common > OVERLAP * (size + others - common):
                    clear[here[one]] = clear[here[other]] = False
        for one in range(len(here)):
            place = track[starts[frame] + one]
            if now - last[place] > hidden:
                recent[number] = place
                number += 1
            for side in range(4):
                box[place, side] = detections[here[one], side]
            last[place] = now
        for place in recent[:number]:
            if last[place] < now:
                right, area = box[place, X] + box[place, WIDTH] / 2, box[place, WIDTH] * box[place, HEIGHT]
                for one in order:
                    if left[one] >= right:
                        break
                    if shared_area(detections[here[one]], box[place]) > COVERED * area:
                        clear[here[one]] = False
        for side in range(2):
            for one in range(len(here)):
                sizes[one, side] = np.log(detections[here[one], WIDTH + side])
            middle = median_of(sizes, side, len(here))
            for one in range(len(here)):
                relative[here[one], side] = sizes[one, side] - middle
    return Surroundings(clear, relative)


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
