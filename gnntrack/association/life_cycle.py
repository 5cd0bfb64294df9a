"""The life cycle of tracks: tentative, confirmed, lost, removed."""

from __future__ import annotations

import numpy as np

from gnntrack.association.graph import BipartiteGraph, association_graph
from gnntrack.association.histories import FRAME, Histories
from gnntrack.association.settings import BirthSettings, LinkNetworkSettings, LinkSettings
from gnntrack.association.track_table import MadeLinks, TrackTable, track_table
from gnntrack.geometry.camera import camera_step
from gnntrack.sequence import View
from gnntrack.state import Layout, State, given_back, named_below, part_of, require, taken

#: The attributes of :class:`TrackPool`, beside the histories.
_LAYOUT: Layout = {
    "ids": ("i8", "T"),
    "confirmed": ("?", "T"),
    "needed": ("i8", "T"),
    "groups": ("f8", "T"),
    "first": ("i8", "T"),
    "last_detection": ("i8", "T"),
    "camera": ("f8", 2),
    "last_id": ("i8",),
}


class TrackPool:
    """The tracks that are alive, and how they change from frame to frame.

    A track is tentative until it has ``confirm`` observations; a tentative one can be missed for ``patience`` frames,
    a confirmed one is lost and can be linked again for ``memory`` frames.

    Args:
        births: when a track counts.
        links: how long a lost track is kept.
        view: image size and frame rate.
        shape: of the network: candidates, neighbours, and whether it has an appearance branch.
        noise: columns that every track has for the noise of its boxes, see :class:`.histories.Histories`.
    """

    def __init__(
        self, births: BirthSettings, links: LinkSettings, view: View, shape: LinkNetworkSettings, noise: int = 0
    ) -> None:
        self.births, self.view, self.shape = births, view, shape
        self._memory, self._patience = (time.frames(view.frame_rate) for time in (links.memory, births.patience))
        self.histories = Histories(noise)
        self.ids = np.zeros(0, dtype=np.int64)
        self.confirmed = np.zeros(0, dtype=bool)
        self.groups = np.zeros(0)  # a track is only continued by detections of its group
        self.needed = np.zeros(0, dtype=np.int64)  # detections after which each track counts
        self.first = np.zeros(0, dtype=np.int64)  # frame of each track's first detection
        self.last_detection = np.zeros(0, dtype=np.int64)  # the caller's id of each track's newest detection
        self.camera = np.zeros(2)
        self.last_id = 0

    def __len__(self) -> int:
        return len(self.ids)

    def move(self, camera: np.ndarray) -> None:
        """Brings all tracks, the lost ones too, into the next image, by the camera's known motion ``(2, 3)``.

        Histories, predictions and features are then those of a camera that stands still. What is estimated from the
        boxes (:func:`gnntrack.geometry.camera.camera_step`) is only what this leaves: the common motion of objects.
        """
        self.histories.move(camera, self.camera)
        self.camera = np.zeros(2)

    def graph(self, detections: np.ndarray, groups: np.ndarray | None = None) -> BipartiteGraph | None:
        """The candidates between the tracks and the detections of a new frame; None: one of the two is missing.

        Args:
            detections: ``(D, 6 + A)`` observations.
            groups: ``(D,)`` a track is only continued by detections of its group; None: all are of one.
        """
        if not len(detections):
            return None
        frame = detections[0, FRAME]
        self._forget(frame - 1)
        newest = self.histories.newest
        self.camera = self.camera + camera_step(newest[newest[:, FRAME] == frame - 1], detections)
        if not len(self):
            return None
        shape = self.shape.candidates, self.shape.neighbours, self.shape.appearance
        both = None if groups is None else (self.groups, groups)
        return association_graph(self.histories, detections, self.view, self.camera, *shape, both)

    def commit(
        self,
        frame: int,
        detections: np.ndarray,
        detection_ids: np.ndarray,
        tracks: np.ndarray,
        matched: np.ndarray,
        born: np.ndarray,
        sure: np.ndarray | None = None,
        groups: np.ndarray | None = None,
    ) -> np.ndarray:
        """Applies links and births; removes tracks that were missed for too long.

        Args:
            frame: the new frame.
            detections: ``(D, 6 + A)`` observations.
            detection_ids: ``(D,)`` the caller's id of each.
            tracks: ``(L,)`` the tracks of the links.
            matched: ``(L,)`` the detections of the links.
            born: detections that start tracks.
            sure: ``(D,)`` whether a detection has a high confidence; None: all have.
            groups: ``(D,)`` of the detections; None: all are of one.

        Returns:
            ``(D,)`` the id of every detection's track; 0: none, negative: of a track that is not confirmed yet.
        """
        ids = np.zeros(len(detections), dtype=np.int64)
        self.histories.extend(tracks, detections[matched], self.camera)
        self.last_detection[tracks] = detection_ids[matched]
        sure = np.ones(len(detections), dtype=bool) if sure is None else sure
        needed = np.where(sure, self.births.confirm, self.births.trial_confirm)
        self.needed[tracks] = np.minimum(self.needed[tracks], needed[matched])
        self.confirmed[tracks] |= self.histories.count[tracks] >= self.needed[tracks]
        ids[matched] = np.where(self.confirmed[tracks], self.ids[tracks], -self.ids[tracks])
        self._forget(frame)
        if len(born):
            fresh = self.last_id + 1 + np.arange(len(born))
            self.last_id += len(born)
            known = needed[born] <= 1
            self.needed = np.concatenate([self.needed, needed[born]])
            self.groups = np.concatenate([self.groups, np.zeros(len(born)) if groups is None else groups[born]])
            self.histories.add(detections[born], self.camera)
            self.ids = np.concatenate([self.ids, fresh])
            self.first = np.concatenate([self.first, np.full(len(born), frame)])
            self.confirmed = np.concatenate([self.confirmed, known])
            self.last_detection = np.concatenate([self.last_detection, detection_ids[born]])
            ids[born] = np.where(known, fresh, -fresh)
        return ids

    def table(self, made: MadeLinks, frame: int) -> TrackTable:
        """What is known of all tracks at a frame."""
        past = self.histories
        reported = past.smoothed if past.noise.shape[2] else None
        about = self.ids, self.confirmed, self.first, self.last_detection
        return track_table(*about, past.observations, past.count, reported, made, frame)

    def state(self) -> State:
        """What is remembered, see :mod:`gnntrack.state`."""
        return taken(self, _LAYOUT) | named_below("histories.", self.histories.state())

    def restore(self, state: State) -> None:
        """Takes back what :meth:`state` gave."""
        given_back(self, _LAYOUT, state)
        self.histories.restore(part_of(state, "histories."))
        require(len(self) == len(self.histories), f"{len(self)} tracks and {len(self.histories)} histories")
        between = np.diff(np.concatenate([[0], self.ids, [self.last_id + 1]]))
        require((between > 0).all(), "tracks that are not in order")

    def _forget(self, frame: float) -> None:
        """Drops the tracks that have been missed for too long at the end of a frame."""
        missed = frame - self.histories.newest[:, FRAME]
        alive = missed <= np.where(self.confirmed, self._memory, self._patience)
        if not alive.all():
            self.histories.keep(alive)
            self.ids, self.confirmed, self.last_detection = (
                self.ids[alive],
                self.confirmed[alive],
                self.last_detection[alive],
            )
            self.needed, self.groups, self.first = self.needed[alive], self.groups[alive], self.first[alive]
