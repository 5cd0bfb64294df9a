"""The life cycle of tracks: tentative, confirmed, lost, removed."""

from __future__ import annotations

import numpy as np

from gnntrack.association.compiled_life_cycle import TrackArrays, committed, step_of_camera, still_alive
from gnntrack.association.graph import BipartiteGraph, association_graph
from gnntrack.association.histories import COLUMNS, FRAME, Histories
from gnntrack.association.settings import BirthSettings, LinkNetworkSettings, LinkSettings
from gnntrack.association.track_table import MadeLinks, TrackTable, track_table
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

    Attributes:
        limits: detections that confirm a track, and one on trial; frames for which a lost one is kept, and a tentative
            one.
    """

    def __init__(
        self, births: BirthSettings, links: LinkSettings, view: View, shape: LinkNetworkSettings, noise: int = 0
    ) -> None:
        self.births, self.view, self.shape = births, view, shape
        memory, patience = (time.frames(view.frame_rate) for time in (links.memory, births.patience))
        self.limits = births.confirm, births.trial_confirm, memory, patience
        self.histories = Histories(noise)
        self.ids = np.zeros(0, dtype=np.int64)
        self.confirmed = np.zeros(0, dtype=bool)
        self.groups = np.zeros(0)  # a track is only continued by detections of its group
        self.needed = np.zeros(0, dtype=np.int64)  # detections after which each track counts
        self.first = np.zeros(0, dtype=np.int64)  # frame of each track's first detection
        self.last_detection = np.zeros(0, dtype=np.int64)  # the caller's id of each track's newest detection
        self.camera = np.zeros(2)
        self.last_id = 0
        self._forgotten = -np.inf  # frame at whose end those that were missed for too long were dropped

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
        self.advance(detections)
        if not len(detections) or not len(self):
            return None
        shape = self.shape.candidates, self.shape.neighbours, self.shape.appearance
        both = None if groups is None else (self.groups, groups)
        return association_graph(self.histories, detections, self.view, self.camera, *shape, both)

    def advance(self, detections: np.ndarray) -> None:
        """Comes to a new frame of detections ``(D, 6 + A)``: forgets tracks, sees the step of the camera."""
        if not len(detections):
            return
        self.forget(detections[0, FRAME] - 1)
        self.camera = self.camera + step_of_camera(self.histories.observations, np.ascontiguousarray(detections))

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
        past = self.histories
        sure = np.ones(len(detections), dtype=bool) if sure is None else sure
        if past.appearance.shape[1] or detections.shape[1] > COLUMNS:
            past.see(tracks, detections[matched])
        ids, alive = committed(
            self.arrays(),
            tracks,
            matched,
            sure,
            np.ascontiguousarray(detections),
            np.asarray(detection_ids),
            self.camera,
            float(frame),
            self.limits,
        )
        self.keep(alive, frame)
        if len(born):
            of_groups = None if groups is None else groups[born]
            ids[born] = self.add(frame, detections[born], detection_ids[born], sure[born], of_groups)
        return ids

    def arrays(self) -> TrackArrays:
        """What compiled code changes, or reads, of all tracks."""
        past = self.histories
        of_links = past.observations, past.count, past.prediction_error, past.camera
        return (*of_links, self.confirmed, self.needed, self.last_detection, self.ids)

    def add(
        self,
        frame: int,
        detections: np.ndarray,
        detection_ids: np.ndarray,
        sure: np.ndarray,
        groups: np.ndarray | None = None,
    ) -> np.ndarray:
        """Begins a track with each of N detections; arguments and result are as :meth:`commit` has them."""
        births, count = self.births, len(detections)
        needed = np.where(sure, births.confirm, births.trial_confirm)
        fresh, known = self.last_id + 1 + np.arange(count), needed <= 1
        self.needed = np.concatenate([self.needed, needed])
        self.groups = np.concatenate([self.groups, np.zeros(count) if groups is None else groups])
        self.histories.add(detections, self.camera)
        self.ids = np.concatenate([self.ids, fresh])
        self.last_id += count
        self.first = np.concatenate([self.first, np.full(count, frame)])
        self.confirmed = np.concatenate([self.confirmed, known])
        self.last_detection = np.concatenate([self.last_detection, detection_ids])
        return np.where(known, fresh, -fresh)

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
        self._forgotten = -np.inf
        self.histories.restore(part_of(state, "histories."))
        require(len(self) == len(self.histories), f"{len(self)} tracks and {len(self.histories)} histories")
        between = np.diff(np.concatenate([[0], self.ids, [self.last_id + 1]]))
        require((between > 0).all(), "tracks that are not in order")

    def forget(self, frame: float) -> None:
        """Drops the tracks that have been missed for too long at the end of a frame, unless that is done."""
        if frame > self._forgotten:
            *_, memory, patience = self.limits
            alive = still_alive(self.histories.observations, self.confirmed, float(frame), memory, patience)
            self.keep(alive, frame)

    def keep(self, alive: np.ndarray, frame: float) -> None:
        """Drops the tracks that are not alive ``(T,)`` at the end of a frame; empty: all are."""
        self._forgotten = frame
        if len(alive):
            self.histories.keep(alive)
            self.ids, self.confirmed, self.last_detection = (
                self.ids[alive],
                self.confirmed[alive],
                self.last_detection[alive],
            )
            self.needed, self.groups, self.first = self.needed[alive], self.groups[alive], self.first[alive]
