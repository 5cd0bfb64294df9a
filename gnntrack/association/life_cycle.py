"""The life cycle of tracks: tentative, confirmed, lost, removed."""

from __future__ import annotations

import numpy as np

from gnntrack.association.graph import BipartiteGraph, association_graph
from gnntrack.association.histories import COLUMNS, FRAME, NEWEST, Histories, extend_histories
from gnntrack.association.settings import BirthSettings, LinkNetworkSettings, LinkSettings
from gnntrack.association.track_table import MadeLinks, TrackTable, track_table
from gnntrack.compiled import compiled
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
        self._forget(detections[0, FRAME] - 1)
        self.camera = self.camera + _camera_step(self.histories.observations, np.ascontiguousarray(detections))

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
        past, births = self.histories, self.births
        sure = np.ones(len(detections), dtype=bool) if sure is None else sure
        if past.appearance.shape[1] or detections.shape[1] > COLUMNS:
            past.see(tracks, detections[matched])
        ids, alive = _committed(
            past.observations,
            past.count,
            past.prediction_error,
            past.camera,
            self.confirmed,
            self.needed,
            self.last_detection,
            self.ids,
            tracks,
            matched,
            sure,
            np.ascontiguousarray(detections),
            np.asarray(detection_ids),
            self.camera,
            float(frame),
            (births.confirm, births.trial_confirm, self._memory, self._patience),
        )
        self._keep(alive)
        if len(born):
            fresh = self.last_id + 1 + np.arange(len(born))
            self.last_id += len(born)
            needed = np.where(sure[born], births.confirm, births.trial_confirm)
            known = needed <= 1
            self.needed = np.concatenate([self.needed, needed])
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
        limits = self._memory, self._patience
        self._keep(_alive(self.histories.observations, self.confirmed, float(frame), *limits))

    def _keep(self, alive: np.ndarray) -> None:
        """Drops the tracks that are not alive ``(T,)``; empty: all are."""
        if len(alive):
            self.histories.keep(alive)
            self.ids, self.confirmed, self.last_detection = (
                self.ids[alive],
                self.confirmed[alive],
                self.last_detection[alive],
            )
            self.needed, self.groups, self.first = self.needed[alive], self.groups[alive], self.first[alive]


@compiled
def _committed(
    past: np.ndarray,
    count: np.ndarray,
    prediction_error: np.ndarray,
    cameras: np.ndarray,
    confirmed: np.ndarray,
    needed: np.ndarray,
    last_detection: np.ndarray,
    ids: np.ndarray,
    tracks: np.ndarray,
    matched: np.ndarray,
    sure: np.ndarray,
    detections: np.ndarray,
    detection_ids: np.ndarray,
    camera: np.ndarray,
    frame: float,
    limits: tuple[int, int, int, int],
) -> tuple[np.ndarray, np.ndarray]:
    """The ids that :meth:`TrackPool.commit` gives to linked detections, and which tracks are alive afterwards.

    Changes the first seven; ``limits``: detections that confirm a track, and one on trial; frames for which a lost one
    is kept, and a tentative one.
    """
    confirm, trial_confirm, memory, patience = limits
    extend_histories(past, count, prediction_error, cameras, tracks, matched, detections, camera)
    result = np.zeros(len(detection_ids), dtype=np.int64)
    for link in range(len(tracks)):
        track, detection = tracks[link], matched[link]
        last_detection[track] = detection_ids[detection]
        needed[track] = min(needed[track], confirm if sure[detection] else trial_confirm)
        confirmed[track] |= count[track] >= needed[track]
        result[detection] = ids[track] if confirmed[track] else -ids[track]
    return result, _alive(past, confirmed, frame, memory, patience)


@compiled
def _camera_step(past: np.ndarray, detections: np.ndarray) -> np.ndarray:
    """The camera's step ``(2,)``, from the tracks that were seen in the frame before."""
    newest, count = np.empty((len(past), 4)), 0
    for track in range(len(past)):
        if past[track, NEWEST, FRAME] == detections[0, FRAME] - 1.0:
            for side in range(4):
                newest[count, side] = past[track, NEWEST, side]
            count += 1
    return camera_step(newest[:count], detections)


@compiled
def _alive(past: np.ndarray, confirmed: np.ndarray, frame: float, memory: int, patience: int) -> np.ndarray:
    """Which tracks ``(T,)`` have not been missed for too long at the end of a frame; empty: all."""
    alive, dead = np.empty(len(past), dtype=np.bool_), 0
    for track in range(len(past)):
        alive[track] = frame - past[track, NEWEST, FRAME] <= (memory if confirmed[track] else patience)
        dead += not alive[track]
    return alive if dead else alive[:0]
