"""Tracks of tracklets that are linked: which track every box belongs to, also those of the crossings in between."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy.optimize import linear_sum_assignment

from gnntrack.association.histories import COLUMNS, FRAME
from gnntrack.compiled import compiled
from gnntrack.relinking.ends import foot_boxes
from gnntrack.relinking.tracklets import Tracklets
from gnntrack.scratch import Scratch
from gnntrack.track_order import whole_tracks

#: Largest distance, in heights (over position and size), of a box in a crossing from the track that gets it.
LARGEST_DISTANCE = 1.0


def join_tracklets(
    detections: np.ndarray,
    track: np.ndarray,
    tracklets: Tracklets,
    links: np.ndarray,
    groups: np.ndarray | None = None,
    scratch: Scratch | None = None,
) -> np.ndarray:
    """Tracks of linked tracklets and the boxes between them.

    Args:
        detections: ``(N, 6)`` observations, sorted by frame.
        track: ``(N,)`` the tracks that the tracklets were cut from.
        tracklets: T of them.
        links: ``(2, L)`` from tracklets to tracklets that begin after they end.
        groups: ``(N,)`` of the boxes; None: all are of one.
        scratch: makes the arrays.

    Returns:
        ``(N,)`` the track of each box, from 1; 0: none.
    """
    scratch = scratch or Scratch()
    name = chains(len(tracklets), links)
    new, otherwise = scratch.full(len(track), 0, np.int64), scratch.full(len(track), 0, np.int64)
    follows = np.full(len(tracklets), -1)
    follows[links[0]] = links[1]
    for order in whole_tracks(track, scratch):
        of = tracklets.of[order]
        before, after = _surrounding(of, track[order])
        kept = (before >= 0) & (after >= 0) & (follows[before] == after)
        settled = kept | (before < 0) | (after < 0)
        beside = np.where(before < 0, after, before)
        new[order] = np.where(of >= 0, name[of], np.where(settled, name[beside], 0))
        otherwise[order] = np.where((of < 0) & ~settled, name[before], 0)
    made = links[:, tracklets.following[links[0]] != links[1]]
    made = made[:, np.argsort(tracklets.tail.frame[made[0]], kind="stable")]
    longest = float((tracklets.head.frame[made[1]] - tracklets.tail.frame[made[0]]).max(initial=0.0))
    ends = tracklets.tail.frame[made[0]]
    for part in scratch.parts(detections[:, FRAME]):
        here, ids, left = detections[part, :COLUMNS], new[part].copy(), otherwise[part]
        first, last = np.searchsorted(ends, [here[0, FRAME] - longest, here[-1, FRAME]])
        near = made[:, first:last]
        near = near[:, np.lexsort(near[::-1])]
        kinds = np.zeros(len(here)) if groups is None else groups[part]
        _give(here, ids, np.flatnonzero(left), tracklets, near, name, kinds)
        ids = np.where(ids, ids, left)
        again = _again(here[:, FRAME], ids, tracklets.of[part] >= 0)
        ids[again] = len(tracklets) + track[part][again]
        new[part] = ids
    return new


@compiled
def chains(count: int, links: np.ndarray) -> np.ndarray:
    """The track of each tracklet ``(count,)`` after linking, from 1; ``links (2, L)`` from earlier to later ones.

    Example:
        >>> chains(4, np.array([[0, 2], [2, 1]])).tolist()
        [1, 1, 1, 4]
    """
    previous, name = np.full(count, -1), np.zeros(count, dtype=np.int64)
    for link in range(links.shape[1]):
        previous[links[1, link]] = links[0, link]
    for tracklet in range(count):
        first = tracklet
        while previous[first] >= 0 and name[first] == 0:
            first = previous[first]
        label, later = name[first] if name[first] > 0 else first + 1, tracklet
        while later >= 0 and name[later] == 0:
            name[later] = label
            later = previous[later]
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
