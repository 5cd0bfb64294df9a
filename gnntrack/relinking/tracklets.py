"""Tracklets: the unoccluded stretches of tracks, with the state of their two ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gnntrack.association.histories import COLUMNS, CONFIDENCE, FRAME
from gnntrack.relinking.both_ends import cut_with_ends
from gnntrack.relinking.cutting import NO_TRACKLET, Cut
from gnntrack.relinking.ends import Ends
from gnntrack.relinking.surroundings import HIDDEN, Surroundings, find_surroundings, unseen


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

    def take(self, some: np.ndarray) -> Tracklets:
        """Some of them, by number, ascending; ``of`` stays as it is."""
        place = np.full(len(self) + 1, NO_TRACKLET)  # the last: of none
        place[some] = np.arange(len(some))
        return Tracklets(
            self.of,
            self.track[some],
            self.size[some],
            place[self.following[some]],
            self.weakest_link[some],
            Ends(*(values[some] for values in self.tail)),
            Ends(*(values[some] for values in self.head)),
            self.appearance[some],
            self.group[some],
        )


def find_tracklets(
    detections: np.ndarray,
    track: np.ndarray,
    probability: np.ndarray,
    around: Surroundings | None = None,
    hidden: int = HIDDEN,
    groups: np.ndarray | None = None,
    camera: np.ndarray | None = None,
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
        camera: ``(N, 2)`` where the camera stands in the frame of each box; None: as the boxes tell.
    """
    track = np.ascontiguousarray(track, dtype=np.int64)
    camera = np.zeros((0, 2)) if camera is None else camera
    if around is None:
        tracked = np.flatnonzero(track > 0)
        frame = detections[:, FRAME].astype(np.int64)
        starts = np.append(np.flatnonzero(np.diff(frame[tracked], prepend=-1)), len(tracked))
        names, place = np.unique(track[tracked], return_inverse=True)
        around = find_surroundings(detections, tracked, starts, place, *unseen(len(names)), hidden)
    known, probability, clear, relative = map(np.ascontiguousarray, (detections[:, :COLUMNS], probability, *around))
    fields, tail, head = cut_with_ends(known, track, probability, clear, relative, camera)
    made = Cut(*fields)
    return Tracklets(
        made.of,
        made.track,
        np.diff(made.edges),
        made.following,
        made.weakest_link,
        Ends(*tail),
        Ends(*head),
        appearance_of(detections, made.chosen, made.edges),
        np.zeros(len(made.track)) if groups is None else groups[made.chosen[made.edges[:-1]]],
    )


def appearance_of(detections: np.ndarray, chosen: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """The embeddings of each tracklet ``(T, A)``, see :class:`Tracklets`."""
    if detections.shape[1] == COLUMNS:
        return np.zeros((len(edges) - 1, 0))
    weighted = detections[chosen, COLUMNS:] * detections[chosen, CONFIDENCE, None]
    appearance: np.ndarray = np.add.reduceat(weighted, edges[:-1])
    return appearance
