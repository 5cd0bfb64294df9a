"""The life of a track: born, confirmed, lost, found again, dead."""

from __future__ import annotations

import numpy as np

from gnntrack.association.graph import BipartiteGraph, association_graph
from gnntrack.association.histories import FRAME, Histories
from gnntrack.association.settings import BirthSettings, LinkNetworkSettings, LinkSettings
from gnntrack.geometry.camera import camera_step
from gnntrack.sequence import View


class TrackPool:
    """The tracks that are alive, and how they change from frame to frame.

    A track is tentative until it has ``confirm`` observations; a tentative one can be missed for ``patience`` frames,
    a confirmed one is lost and can be linked again for ``memory`` frames.

    Args:
        births: when a track counts.
        links: how long a lost track is kept.
        view: picture size and frame rate.
        shape: of the network: candidates, neighbours, and whether it looks at appearance.
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
        self.needed = np.zeros(0, dtype=np.int64)  # detections after which each track counts
        self.handles = np.zeros(0, dtype=np.int64)  # the caller's number of each track's newest detection
        self.camera = np.zeros(2)
        self.last_id = 0

    def __len__(self) -> int:
        return len(self.ids)

    def graph(self, seen: np.ndarray) -> BipartiteGraph | None:
        """The candidates between the tracks and the detections ``(D, 6 + A)`` of a new frame; None: there are none."""
        if not len(seen):
            return None
        frame = seen[0, FRAME]
        self._forget(frame - 1)
        newest = self.histories.newest
        self.camera = self.camera + camera_step(newest[newest[:, FRAME] == frame - 1], seen)
        if not len(self):
            return None
        shape = self.shape.candidates, self.shape.neighbours, self.shape.appearance
        return association_graph(self.histories, seen, self.view, self.camera, *shape)

    def commit(
        self,
        frame: int,
        seen: np.ndarray,
        handles: np.ndarray,
        tracks: np.ndarray,
        detections: np.ndarray,
        born: np.ndarray,
        sure: np.ndarray | None = None,
    ) -> np.ndarray:
        """Makes links and births; forgets what is dead.

        Args:
            frame: the new frame.
            seen: ``(D, 6 + A)``.
            handles: ``(D,)``.
            tracks: ``(L,)`` tracks that are continued,
            detections: ``(L,)`` by these detections.
            born: detections that begin tracks.
            sure: ``(D,)`` whether a detection alone shows that there is an object; without it, all do.

        Returns:
            ``(D,)`` the id of every detection's track; 0: none, negative: of a track that is not confirmed yet.
        """
        ids = np.zeros(len(seen), dtype=np.int64)
        self.histories.extend(tracks, seen[detections], self.camera)
        self.handles[tracks] = handles[detections]
        sure = np.ones(len(seen), dtype=bool) if sure is None else sure
        needed = np.where(sure, self.births.confirm, self.births.trial_confirm)
        self.needed[tracks] = np.minimum(self.needed[tracks], needed[detections])
        self.confirmed[tracks] |= self.histories.count[tracks] >= self.needed[tracks]
        ids[detections] = np.where(self.confirmed[tracks], self.ids[tracks], -self.ids[tracks])
        self._forget(frame)
        if len(born):
            fresh = self.last_id + 1 + np.arange(len(born))
            self.last_id += len(born)
            known = needed[born] <= 1
            self.needed = np.concatenate([self.needed, needed[born]])
            self.histories.add(seen[born], self.camera)
            self.ids = np.concatenate([self.ids, fresh])
            self.confirmed = np.concatenate([self.confirmed, known])
            self.handles = np.concatenate([self.handles, handles[born]])
            ids[born] = np.where(known, fresh, -fresh)
        return ids

    def _forget(self, frame: float) -> None:
        """Drops the tracks that have been missed for too long by the end of a frame."""
        missed = frame - self.histories.newest[:, FRAME]
        alive = missed <= np.where(self.confirmed, self._memory, self._patience)
        if not alive.all():
            self.histories.keep(alive)
            self.ids, self.confirmed, self.handles = self.ids[alive], self.confirmed[alive], self.handles[alive]
            self.needed = self.needed[alive]
