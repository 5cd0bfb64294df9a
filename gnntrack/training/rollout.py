"""Tracking during training: the network is trained on the tracks that its own links make, with their errors."""

from __future__ import annotations

from typing import Any

import numpy as np

from gnntrack.association.assignment import assign
from gnntrack.association.graph import BipartiteGraph
from gnntrack.association.histories import CONFIDENCE, FRAME
from gnntrack.association.life_cycle import TrackPool
from gnntrack.association.settings import BirthSettings, LinkSettings
from gnntrack.durations import Duration
from gnntrack.models.architectures import AssociationNetworkSettings
from gnntrack.training.clips import ClipSource

_NONE = np.zeros(0, dtype=np.int64)
#: Identity of false positives, and of tracks that have none.
NO_IDENTITY = -1
#: In clips with teacher forcing: share of true links that are left out, and of false positives that start tracks.
FORGOTTEN, BORN_FALSE = 0.02, 0.3


class Rollout:
    """A tracker that goes through one clip after another.

    Each clip draws a life cycle of its own (thresholds, memory), so that the network works with all of them. In a share
    of the clips the tracks are made of the network's links, in the others of the true ones (teacher forcing). The
    labels are always the true links.

    Args:
        source: of clips.
        seed: of clips, life cycles and random choices; each clip has its own generator.
        own: share of clips that are tracked with the network's links.
        shape: of the network.
    """

    def __init__(self, source: ClipSource, seed: list[int], own: float, shape: AssociationNetworkSettings) -> None:
        self.source, self.seed, self.own, self.shape = source, seed, own, shape
        self._clip = 0
        self._begin()

    def next(self) -> None:
        """Goes on to the next frame that has candidates: ``graph``, ``label (E,)``, ``real (D,)``."""
        while True:
            if self._position >= self._stop:
                self._clip += 1
                self._begin()
            first, last = self.clip.starts[self._position : self._position + 2]
            self.rows = np.arange(first, last)
            self.detections, self._truth = self.clip.detections[first:last], self.clip.identity[first:last]
            camera = self._motion(int(self.detections[0, FRAME]))
            if camera is not None:
                self.pool.move(camera)
            graph = self.pool.graph(self.detections)
            if graph is not None:
                break
            self._commit(_NONE, _NONE)
        self.graph: BipartiteGraph = graph
        self._ends = graph.ends
        self.label = self._labels()
        self.real = self._truth >= 0

    def commit(self, probability: np.ndarray) -> None:
        """Applies links: those of the network, or the true ones. ``probability (E,)``."""
        if self._teacher:
            chosen = np.flatnonzero(self.label & (self.rng.random(len(self.label)) >= FORGOTTEN))
        else:
            chosen = assign(self._ends, probability, self._threshold)
        self._made.append(chosen)
        self._commit(*self._ends[:, chosen])

    def memory(self) -> dict[str, Any]:
        """Its state between frames: the number of the clip, and the links so far."""
        counts = np.array([len(chosen) for chosen in self._made], dtype=np.int64)
        made = np.concatenate([_NONE, *self._made])
        return {"clip": self._clip, "teacher": self._teacher, "counts": counts, "made": made}

    def restore(self, memory: dict[str, Any]) -> None:
        """Goes through the clip of a :meth:`memory` again, up to where it stood."""
        self._clip = memory["clip"]
        self._begin(memory["teacher"])
        for chosen in np.split(memory["made"], np.cumsum(memory["counts"])[:-1]) if len(memory["counts"]) else []:
            self.next()
            if self._teacher:
                self.commit(np.zeros(0))
            else:
                self._made.append(chosen)
                self._commit(*self._ends[:, chosen])

    def _begin(self, teacher: bool | None = None) -> None:
        self.rng = rng = np.random.default_rng([*self.seed, self._clip])
        self.clip = self.source.draw(rng)
        alone = bool(rng.random() >= self.own)
        self._teacher = alone if teacher is None else teacher
        confidence, self._threshold = rng.uniform(0.3, 0.9), rng.uniform(0.2, 0.6)
        confirm, patience, memory = (int(rng.integers(*span)) for span in ((1, 4), (0, 4), (15, 90)))
        self._births = BirthSettings(confidence=confidence, confirm=confirm, patience=Duration(patience, "frames"))
        links = LinkSettings(threshold=self._threshold, memory=Duration(memory, "frames"))
        self.pool = TrackPool(self._births, links, self.clip.view, self.shape)
        self._owner = np.full(64, NO_IDENTITY)  # by the track's id: identity of its newest true detection
        self._before = 0  # frame that the tracks were moved to
        self._position, self._stop = 0, len(self.clip.starts) - 1
        self._made: list[np.ndarray] = []
        if self._clip == 0:  # the first clip ends anywhere, so that rollouts do not all restart at once
            self._stop = int(rng.integers(1, self._stop + 1))

    def _motion(self, frame: int) -> np.ndarray | None:
        """How the camera has moved since the frame before with boxes; None: it is not known."""
        before, self._before = self._before, frame
        return None if self.clip.camera is None else self.clip.camera.between(before, frame)

    def _labels(self) -> np.ndarray:
        """Which candidates are true: the newest track of an identity, and its detection."""
        identity = self._owner[self.pool.ids]
        order = np.argsort(self.pool.histories.newest[:, FRAME], kind="stable")[::-1]
        newest = np.zeros(len(identity), dtype=bool)
        newest[order[np.unique(identity[order], return_index=True)[1]]] = True
        track, detection = self._ends
        label: np.ndarray = (identity[track] == self._truth[detection]) & (identity[track] >= 0) & newest[track]
        return label

    def _commit(self, tracks: np.ndarray, matched: np.ndarray) -> None:
        if self._teacher:
            born = (self._truth >= 0) | (self.rng.random(len(self.detections)) < BORN_FALSE)
        else:
            born = self.detections[:, CONFIDENCE] >= self._births.confidence
        born[matched] = False
        frame = int(self.detections[0, FRAME])
        ids = np.abs(self.pool.commit(frame, self.detections, self.rows, tracks, matched, born.nonzero()[0]))
        if self.pool.last_id >= len(self._owner):
            self._owner = np.append(self._owner, np.full(self.pool.last_id, NO_IDENTITY))
        known = (ids > 0) & (self._truth >= 0)
        self._owner[ids[known]] = self._truth[known]
        self._position += 1
