"""Online linking by a link scorer of window graphs: the last frames are a graph, which is scored again every frame."""

from __future__ import annotations

import numpy as np

from gnntrack.association.histories import CONFIDENCE
from gnntrack.association.linker import Linked
from gnntrack.association.rounding import Rounding, round_links
from gnntrack.graphs import GraphSettings, graph_from_boxes
from gnntrack.models.tracking_settings import TrackingSettings
from gnntrack.sequence import View
from gnntrack.tracking.scoring import LinkScorer, in_single_precision, probabilities


class WindowLinker:
    """Keeps the boxes of the last ``window`` frames as a graph.

    Past links are settled, and only the links from the newest box of each track into the new frame are chosen.

    Args:
        scorer: scores the links of a window graph.
        graph_settings: how the graph is built, the same as in training.
        settings: thresholds.
        view: of the video.
        rounding: ``exact`` or ``greedy``.
    """

    def __init__(
        self,
        scorer: LinkScorer,
        graph_settings: GraphSettings,
        settings: TrackingSettings,
        view: View,
        rounding: Rounding = "exact",
    ) -> None:
        self.scorer = in_single_precision(scorer)
        self.graph_settings, self.settings = graph_settings, settings
        self.view, self.rounding = view, rounding
        self._last_id = 0
        self._boxes = np.zeros((0, 4))  # xywh of the boxes in the window
        self._frames = np.zeros(0, dtype=np.int64)
        self._conf = np.zeros(0)
        self._ids = np.zeros(0, dtype=np.int64)  # track of each, −1: none
        self._groups = np.zeros(0)

    def __len__(self) -> int:
        """Boxes that are remembered."""
        return len(self._boxes)

    def set_view(self, view: View) -> None:
        """Sets the image size, where it had to be estimated from the boxes."""
        self.view = view

    def link(self, boxes: np.ndarray, detections: np.ndarray, frame: int, groups: np.ndarray | None = None) -> Linked:
        """The tracks of the detections of a new frame, 0 for none.

        Args:
            boxes: ``(D, 4)`` xywh.
            detections: ``(D, 6 + A)`` the same as observations; only their confidence is used.
            frame: its number.
            groups: ``(D,)`` only detections of one group are linked; None: all are of one.
        """
        confidence = detections[:, CONFIDENCE]
        recent = self._frames > frame - self.graph_settings.window
        past = int(recent.sum())
        self._boxes = np.concatenate([self._boxes[recent], boxes])
        self._frames = np.concatenate([self._frames[recent], np.full(len(boxes), frame)])
        self._conf = np.concatenate([self._conf[recent], confidence])
        self._groups = np.concatenate([self._groups[recent], np.zeros(len(boxes)) if groups is None else groups])
        ids = np.full(len(boxes), -1, dtype=np.int64)
        if past and len(boxes):
            source, target = self._links(past)
            ids[target - past] = self._ids[recent][source]
        born = np.flatnonzero((ids < 0) & (confidence >= self.settings.births.confidence))
        ids[born] = self._last_id + 1 + np.arange(len(born))
        self._last_id += len(born)
        self._ids = np.concatenate([self._ids[recent], ids])
        return Linked(np.maximum(ids, 0), np.zeros(len(ids)))

    def _links(self, past: int) -> np.ndarray:
        """Links ``(2, L)`` from the newest box of each track into the new frame; ``past`` boxes come before it."""
        graph = graph_from_boxes(
            self._boxes,
            self._frames,
            self._conf,
            self.graph_settings,
            name="stream",
            view=View(int(self.view.width), int(self.view.height), self.view.frame_rate),
            groups=self._groups,
        )
        edges = graph.edge_index.numpy()
        ids = self._ids[-past:]
        newest = np.zeros(len(self._boxes), dtype=bool)
        reversed_ids, last = np.unique(ids[::-1], return_index=True)
        newest[past - 1 - last[reversed_ids >= 0]] = True
        into = np.flatnonzero(newest[edges[0]] & (edges[1] >= past))
        if not len(into):
            return np.zeros((2, 0), dtype=np.int64)
        probability = probabilities(self.scorer, graph).numpy()[into]
        return edges[:, into[round_links(edges[:, into], probability, self.settings.links.threshold, self.rounding)]]
