"""The online tracker: one frame at a time, the familiar ``update``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from gnntrack.errors import DataError
from gnntrack.graphs import GraphSettings, graph_from_boxes
from gnntrack.models.settings import AssociationSettings
from gnntrack.models.weights import load_weights
from gnntrack.sequence import DETECTION, Sequence
from gnntrack.tracking.rounding import Rounding, round_links
from gnntrack.tracking.scoring import Encoder

_COLUMNS = 6  # x1, y1, x2, y2, confidence, class


class Tracker:
    """Links the detections of each new frame to the tracks so far.

    The boxes of the last ``window`` frames are kept as a graph; past links are settled, and only the links from the
    newest box of each track into the new frame are chosen. Memory and cost per frame do not grow with the stream.

    Args:
        encoder: scores the links of a window graph.
        graph_settings: how the graph is built, the same as in training.
        association: thresholds.
        width: of the picture, pixels.
        height: of the picture, pixels.
        frame_rate: frames a second.
        rounding: ``exact`` or ``greedy``.

    Example:
        >>> from gnntrack.models import MessagePassing, MessagePassingSettings
        >>> tracker = Tracker(MessagePassing(MessagePassingSettings()), GraphSettings(), width=640, height=480)
        >>> tracker.update(np.array([[10.0, 20.0, 40.0, 90.0, 0.9, 1.0]]))[:, 4:].tolist()
        [[1.0, 0.9, 1.0, 0.0]]
    """

    def __init__(
        self,
        encoder: Encoder,
        graph_settings: GraphSettings,
        association: AssociationSettings = AssociationSettings(),
        *,
        width: int,
        height: int,
        frame_rate: float = 30.0,
        rounding: Rounding = "exact",
    ) -> None:
        self.encoder, self.graph_settings, self.association = encoder, graph_settings, association
        self.width, self.height, self.frame_rate, self.rounding = width, height, frame_rate, rounding
        self.reset()

    @classmethod
    def from_pretrained(
        cls, weights: str | Path = "default", *, width: int, height: int, frame_rate: float = 30.0
    ) -> Tracker:
        """A tracker with shipped weights (by name) or with a file that ``gnntrack train`` wrote."""
        model, recipe = load_weights(weights)
        return cls(model, recipe.graph, recipe.association, width=width, height=height, frame_rate=frame_rate)

    def reset(self) -> None:
        """Forgets all tracks; identities start at 1 again."""
        self._frame = 0
        self._last_id = 0
        self._boxes = np.zeros((0, 4))  # xywh of the boxes in the window
        self._frames = np.zeros(0, dtype=np.int64)
        self._conf = np.zeros(0)
        self._ids = np.zeros(0, dtype=np.int64)  # track of each, −1: none

    def update(self, detections: np.ndarray) -> np.ndarray:
        """Takes the detections of the next frame, gives those that belong to tracks.

        Args:
            detections: ``(N, 6)``: x1, y1, x2, y2, confidence, class. Not changed. An empty frame is ``(0, 6)``.

        Returns:
            ``(M, 8)`` float64: x1, y1, x2, y2, id, confidence, class, position in ``detections``.

        Raises:
            DataError: the array has another shape, a value is not finite, or a corner pair is not one.
        """
        detections = _checked(detections)
        self._frame += 1
        used = np.flatnonzero(detections[:, 4] >= self.association.minimum_confidence)
        ids = self._associate(detections[used])
        tracked = ids >= 0
        used, ids = used[tracked], ids[tracked]
        chosen = detections[used]
        return np.column_stack([chosen[:, :4], ids, chosen[:, 4:], used])

    def _associate(self, detections: np.ndarray) -> np.ndarray:
        """The track of each detection, −1 for none; remembers the boxes."""
        recent = self._frames > self._frame - self.graph_settings.window
        boxes = np.concatenate([detections[:, :2], detections[:, 2:4] - detections[:, :2]], axis=1)
        past = int(recent.sum())
        self._boxes = np.concatenate([self._boxes[recent], boxes])
        self._frames = np.concatenate([self._frames[recent], np.full(len(boxes), self._frame)])
        self._conf = np.concatenate([self._conf[recent], detections[:, 4]])
        ids = np.full(len(boxes), -1, dtype=np.int64)
        if past and len(boxes):
            source, target = self._links(past)
            ids[target - past] = self._ids[recent][source]
        born = np.flatnonzero((ids < 0) & (detections[:, 4] >= self.association.birth_confidence))
        ids[born] = self._last_id + 1 + np.arange(len(born))
        self._last_id += len(born)
        self._ids = np.concatenate([self._ids[recent], ids])
        return ids

    @torch.no_grad()
    def _links(self, past: int) -> np.ndarray:
        """Links ``(2, L)`` from the newest box of each track into the new frame; ``past`` boxes come before it."""
        graph = graph_from_boxes(
            self._boxes,
            self._frames,
            self._conf,
            self.graph_settings,
            name="stream",
            frame_rate=self.frame_rate,
            width=self.width,
            height=self.height,
        )
        edges = graph.edge_index.numpy()
        ids = self._ids[-past:]
        newest = np.zeros(len(self._boxes), dtype=bool)
        reversed_ids, last = np.unique(ids[::-1], return_index=True)
        newest[past - 1 - last[reversed_ids >= 0]] = True
        into = np.flatnonzero(newest[edges[0]] & (edges[1] >= past))
        if not len(into):
            return np.zeros((2, 0), dtype=np.int64)
        probability = torch.sigmoid(self.encoder(graph)).numpy()[into]
        return edges[:, into[round_links(edges[:, into], probability, self.association.link_threshold, self.rounding)]]


def track_online(
    detections: Sequence,
    encoder: Encoder,
    graph_settings: GraphSettings,
    association: AssociationSettings = AssociationSettings(),
    rounding: Rounding = "exact",
) -> Sequence:
    """Runs :class:`Tracker` over a sequence; the result has the form of the offline tracker's."""
    tracker = Tracker(
        encoder,
        graph_settings,
        association,
        width=detections.width,
        height=detections.height,
        frame_rate=detections.frame_rate,
        rounding=rounding,
    )
    ids = np.full(len(detections), -1, dtype=np.int64)
    xywh = detections.xywh
    corners = np.concatenate([xywh[:, :2], xywh[:, :2] + xywh[:, 2:]], axis=1)
    arrays = np.column_stack([corners, detections.boxes[["conf", "class_id"]].to_numpy()])
    before = 0
    for frame, rows in detections.by_frame():
        # a tracker that has seen nothing for a whole window has nothing to forget
        for _ in range(min(frame - before - 1, graph_settings.window)):
            tracker.update(np.zeros((0, _COLUMNS)))
        result = tracker.update(arrays[rows])
        ids[rows.start + result[:, 7].astype(int)] = result[:, 4].astype(int)
        before = frame
    kept = np.flatnonzero(ids >= 0)
    table = detections.boxes.iloc[kept].assign(id=ids[kept], **{DETECTION: kept})
    return replace(detections, boxes=table, embeddings=None)


def _checked(detections: np.ndarray) -> np.ndarray:
    """The array as float64, never the caller's own memory."""
    array = np.array(detections, dtype=np.float64)
    if array.ndim != 2 or array.shape[1] != _COLUMNS:
        remedy = "pass (N, 6): x1, y1, x2, y2, confidence, class; (0, 6) for a frame without boxes"
        raise DataError(f"detections of shape {array.shape}", remedy=remedy)
    if not np.isfinite(array).all():
        row = int(np.flatnonzero(~np.isfinite(array).all(1))[0])
        raise DataError(f"detection {row} is not finite: {array[row]}", remedy="drop it")
    if (array[:, 2:4] <= array[:, :2]).any():
        row = int(np.flatnonzero((array[:, 2:4] <= array[:, :2]).any(1))[0])
        remedy = "pass corners x1, y1, x2, y2, not left, top, width, height"
        raise DataError(f"detection {row} has x2 ≤ x1 or y2 ≤ y1: {array[row, :4]}", remedy=remedy)
    if ((array[:, 4] < 0) | (array[:, 4] > 1)).any():
        row = int(np.flatnonzero((array[:, 4] < 0) | (array[:, 4] > 1))[0])
        raise DataError(f"detection {row} has confidence {array[row, 4]:g}", remedy="pass 0 to 1")
    return array
