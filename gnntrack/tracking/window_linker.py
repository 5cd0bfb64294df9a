"""Online linking by a link scorer of window graphs: the last frames are a graph, which is scored again every frame."""

from __future__ import annotations

import numpy as np

from gnntrack.association.histories import CONFIDENCE, LENGTH, observations
from gnntrack.association.rounding import Rounding, round_links
from gnntrack.association.step import Linked
from gnntrack.association.track_table import Compared, MadeLinks, TrackTable, links_of_state, links_state, track_table
from gnntrack.graphs import GraphSettings, graph_from_boxes
from gnntrack.models.tracking_settings import TrackingSettings
from gnntrack.sequence import View
from gnntrack.state import Layout, State, given_back, taken
from gnntrack.tracking.scoring import LinkScorer, in_single_precision, probabilities

#: The attributes of :class:`WindowLinker`.
_LAYOUT: Layout = {
    "_last_id": ("i8",),
    "_boxes": ("f8", "N", 4),
    "_frames": ("i8", "N"),
    "_conf": ("f8", "N"),
    "_ids": ("i8", "N"),
    "_groups": ("f8", "N"),
    "_first": ("i8", "N"),
    "_hits": ("i8", "N"),
}


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
        self._first = np.zeros(0, dtype=np.int64)  # frame in which the track of each began
        self._hits = np.zeros(0, dtype=np.int64)  # how many boxes its track had with it
        self._compared: Compared | MadeLinks = Compared.nothing()

    def __len__(self) -> int:
        """Boxes that are remembered."""
        return len(self._boxes)

    def set_view(self, view: View) -> None:
        """Sets the image size, where it had to be estimated from the boxes."""
        self.view = view

    def link(
        self,
        boxes: np.ndarray,
        detections: np.ndarray,
        frame: int,
        groups: np.ndarray | None = None,
        camera: np.ndarray | None = None,
    ) -> Linked:
        """The tracks of the detections of a new frame, 0 for none.

        Args:
            boxes: ``(D, 4)`` xywh.
            detections: ``(D, 6 + A)`` the same as observations; only their confidence is used.
            frame: its number.
            groups: ``(D,)`` only detections of one group are linked; None: all are of one.
            camera: not used, see :attr:`gnntrack.tracking.pipeline.ModelStages.uses_camera`.
        """
        confidence = detections[:, CONFIDENCE]
        recent = self._frames > frame - self.graph_settings.window
        past = int(recent.sum())
        self._boxes = np.concatenate([self._boxes[recent], boxes])
        self._frames = np.concatenate([self._frames[recent], np.full(len(boxes), frame)])
        self._conf = np.concatenate([self._conf[recent], confidence])
        self._groups = np.concatenate([self._groups[recent], np.zeros(len(boxes)) if groups is None else groups])
        known, first, hits = self._ids[recent], self._first[recent], self._hits[recent]
        ids, began = np.full(len(boxes), -1, dtype=np.int64), np.full(len(boxes), frame)
        number = np.ones(len(boxes), dtype=np.int64)
        self._compared = compared = self._compare(past, known) if past and len(boxes) else Compared.nothing()
        source, target = compared.ends[:, compared.chosen]
        ids[target], began[target], number[target] = known[source], first[source], hits[source] + 1
        born = np.flatnonzero((ids < 0) & (confidence >= self.settings.births.confidence))
        ids[born] = self._last_id + 1 + np.arange(len(born))
        self._last_id += len(born)
        self._ids, self._first = np.concatenate([known, ids]), np.concatenate([first, began])
        self._hits = np.concatenate([hits, number])
        return Linked(np.maximum(ids, 0), np.zeros(len(ids)))

    def table(self, frame: int) -> TrackTable:
        """What is known of all tracks of the window at the newest frame."""
        order = np.lexsort([-np.arange(len(self)), self._ids])
        order = order[self._ids[order] > 0]
        track, starts, count = np.unique(self._ids[order], return_index=True, return_counts=True)
        newest = order[starts]
        kept = starts[:, None] + np.minimum(np.arange(LENGTH), count[:, None] - 1)
        past = observations(self._boxes, self._conf, self._frames)[order][kept]
        row, confirmed = newest - np.count_nonzero(self._frames < frame), np.ones(len(track), dtype=bool)
        table = track_table(track, confirmed, self._first[newest], row, past, count, None, self.made, frame)
        return table._replace(hits=self._hits[newest])

    @property
    def made(self) -> MadeLinks:
        """The links of the newest frame."""
        return self._compared.made() if isinstance(self._compared, Compared) else self._compared

    def state(self) -> State:
        """What is remembered, see :mod:`gnntrack.state`."""
        return taken(self, _LAYOUT) | links_state(self.made)

    def restore(self, state: State) -> None:
        """Takes back what :meth:`state` gave."""
        given_back(self, _LAYOUT, state)
        self._compared = links_of_state(state)

    def _compare(self, past: int, ids: np.ndarray) -> Compared:
        """The newest box of each track against the new boxes, by box; ``past`` boxes of tracks ``ids`` come before."""
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
        newest = np.zeros(len(self._boxes), dtype=bool)
        reversed_ids, last = np.unique(ids[::-1], return_index=True)
        newest[past - 1 - last[reversed_ids >= 0]] = True
        into = np.flatnonzero(newest[edges[0]] & (edges[1] >= past))
        if not len(into):
            return Compared.nothing()
        probability = probabilities(self.scorer, graph).numpy()[into]
        chosen = round_links(edges[:, into], probability, self.settings.links.threshold, self.rounding)
        return Compared(ids, edges[:, into] - np.array([[0], [past]]), probability, np.flatnonzero(chosen))
