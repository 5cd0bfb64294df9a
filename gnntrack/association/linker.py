"""Online linking by an association network: tracks with histories against the detections of the new frame."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gnntrack.association.compiled_network import fast_associate
from gnntrack.association.compiled_step import Advanced, advanced
from gnntrack.association.decision import Decided, Rules, decide
from gnntrack.association.feature_columns import PAIR_FEATURES
from gnntrack.association.graph import BipartiteGraph
from gnntrack.association.histories import COLUMNS, FRAME
from gnntrack.association.life_cycle import TrackPool
from gnntrack.association.packed_weights import Weights
from gnntrack.association.settings import BirthSettings, LinkNetworkSettings, LinkSettings
from gnntrack.association.step import Given, Linked, Step, followed
from gnntrack.association.track_table import Compared, MadeLinks, TrackTable, links_of_state, links_state
from gnntrack.association.usefulness import Usefulness, by_boxes
from gnntrack.association.usual_confidence import ALL, PRIOR, UsualConfidence
from gnntrack.sequence import View
from gnntrack.state import State, named_below, part_of

_NONE, _NO_LINKS, _NO_SCORES = np.zeros(0, dtype=np.int64), np.zeros((2, 0), dtype=np.int64), np.zeros(0)
_NOT_SCORED, _NO_GROUPS = np.zeros(0, dtype=np.float32), np.zeros(0)
_NO_PAIRS = np.zeros((0, PAIR_FEATURES), dtype=np.float32)


class _Decision(NamedTuple):
    """The decisions of a frame and what they come from; see :class:`Step`."""

    probability: np.ndarray
    logit: np.ndarray
    made: Decided
    graph: BipartiteGraph | None


class AssociationLinker:
    """Scores tracks against detections, assigns them, and starts and ends tracks.

    Args:
        weights: of the network that scores candidates.
        shape: of that network.
        births: when detections begin tracks.
        links: which links are made, and how long lost tracks are kept.
        view: of the video.
        noise: columns that every track has for the noise of its boxes, see :class:`.histories.Histories`.
    """

    def __init__(
        self,
        weights: Weights,
        shape: LinkNetworkSettings,
        births: BirthSettings,
        links: LinkSettings,
        view: View,
        noise: int = 0,
    ) -> None:
        self.weights, self.births = weights, births
        self._rules = tuple(Rules.of(links, births))
        self._usefulness = Usefulness() if shape.appearance else None
        self._usual = UsualConfidence()
        self.pool = TrackPool(births, links, view, shape, noise)
        self._compared: Compared | MadeLinks = Compared.nothing()

    def __len__(self) -> int:
        """Tracks that are remembered."""
        return len(self.pool)

    def set_view(self, view: View) -> None:
        """Sets the image size, where it had to be estimated from the boxes."""
        self.pool.view = view

    def link(
        self,
        boxes: np.ndarray,
        detections: np.ndarray,
        frame: int,
        groups: np.ndarray | None = None,
        camera: np.ndarray | None = None,
    ) -> Linked:
        """The tracks of the detections of a new frame.

        Args:
            boxes: ``(D, 4)`` xywh; not used here, ``detections`` holds the same boxes.
            detections: ``(D, 6 + A)`` observations.
            frame: its number.
            groups: ``(D,)`` only detections of one group are linked; None: all are of one.
            camera: ``(2, 3)`` its motion since the last frame, if it is known.
        """
        if len(detections) and self._are_plain(detections, groups):
            self.pool.forget(frame - 1)
            if len(self):
                return self._advance(detections, frame, camera)
        made = self._decide(detections, groups, camera).made
        ids = self._commit(frame, detections, np.arange(len(detections)), made, groups)
        return Linked(ids, made.link_probability)

    def step(
        self,
        detections: np.ndarray,
        detection_ids: np.ndarray,
        given: Given | None = None,
        frame: int | None = None,
        groups: np.ndarray | None = None,
        camera: np.ndarray | None = None,
    ) -> Step:
        """Links the detections of a new frame.

        Args:
            detections: ``(D, 6 + A)`` observations.
            detection_ids: ``(D,)`` the caller's id of each.
            given: the links to be made. Without it, the network decides.
            frame: the frame's number, needed where ``detections`` is empty.
            groups: ``(D,)`` only detections of one group are linked; None: all are of one.
            camera: ``(2, 3)`` its motion since the last frame that was linked, if it is known.
        """
        frame = int(detections[0, FRAME]) if frame is None else frame
        if given is None:
            scored, logit, made, graph = self._decide(detections, groups, camera)
        else:
            scored, logit, made, graph = self._follow(detections, groups, camera, given)
        last_detection, (tracks, found) = self.pool.last_detection, made.ends
        candidates = np.stack([last_detection[tracks], detection_ids[found]])
        links = np.stack([last_detection[made.tracks], detection_ids[made.matched]])
        ids = self._commit(frame, detections, detection_ids, made, groups)
        return Step(ids, candidates, scored, logit, links, made.link_probability, graph)

    def _are_plain(self, detections: np.ndarray, groups: np.ndarray | None) -> bool:
        """Whether there are neither groups nor embeddings."""
        return groups is None and detections.shape[1] == COLUMNS and not self.pool.histories.appearance.shape[1]

    def _advance(self, detections: np.ndarray, frame: int, camera: np.ndarray | None) -> Linked:
        """:meth:`link` at once, where there are tracks and detections, and neither groups nor embeddings."""
        pool, shape, sums = self.pool, self.pool.shape, self._usual.sums
        if camera is not None:
            pool.move(camera)
        made = Advanced(
            *advanced(
                pool.arrays(),
                np.ascontiguousarray(detections),
                pool.camera,
                float(frame),
                (float(pool.view.width), float(pool.view.height), float(pool.view.frame_rate)),
                (shape.candidates, shape.neighbours),
                self.weights.packed,
                self.weights.sizes,
                sums.get(ALL, PRIOR),
                (self.births.usual_share, self.births.confidence),
                self._rules,
                pool.limits,
            )
        )
        sums[ALL] = made.usual
        self._compared = Compared(pool.ids, made.ends, made.probability, made.chosen)
        pool.keep(made.alive, frame)
        born = made.born
        if len(born):
            made.ids[born] = pool.add(frame, detections[born], born, made.sure[born])
        return Linked(made.ids, made.link_probability)

    def _commit(
        self, frame: int, detections: np.ndarray, detection_ids: np.ndarray, made: Decided, groups: np.ndarray | None
    ) -> np.ndarray:
        """Applies the decisions of a frame; the ids of the detections, see :meth:`.TrackPool.commit`."""
        pool = self.pool
        return pool.commit(frame, detections, detection_ids, made.tracks, made.matched, made.born, made.sure, groups)

    def _graph(
        self, detections: np.ndarray, groups: np.ndarray | None, camera: np.ndarray | None
    ) -> BipartiteGraph | None:
        """The candidates: tracks are moved along with the camera where it is known, embeddings count as they tell."""
        if camera is not None:
            self.pool.move(camera)
        graph = self.pool.graph(detections, groups)
        if graph is not None and self._usefulness is not None and graph.appearance.any():
            alone = by_boxes(self.weights, graph)
            graph = self._usefulness.weighed(graph, alone, detections[:, COLUMNS:])
        return graph

    def _decide(self, detections: np.ndarray, groups: np.ndarray | None, camera: np.ndarray | None) -> _Decision:
        """The decisions of the network."""
        wanted = self._usual.wanted(detections, groups, self.births)
        graph, pool = self._graph(detections, groups, camera), self.pool
        nodes, pairs, logit, probability, real = _NO_LINKS, _NO_PAIRS, _NO_SCORES, _NOT_SCORED, _NOT_SCORED
        if graph is not None:
            scores = fast_associate(self.weights, graph)
            probability, real, logit = scores.probability, scores.real, scores.logits[-1]
            nodes, pairs = graph.edge_index, graph.edge_attr
        both = (_NO_GROUPS, _NO_GROUPS) if groups is None else (groups, pool.groups)
        count, about = len(pool), (probability, real, np.ascontiguousarray(detections), wanted, self._rules)
        made = Decided(*decide(nodes, count, pairs, *about, *both))
        self._compared = Compared(pool.ids, made.ends, probability, made.chosen)
        return _Decision(probability, logit, made, graph)

    def _follow(
        self, detections: np.ndarray, groups: np.ndarray | None, camera: np.ndarray | None, given: Given
    ) -> _Decision:
        """The candidates, scored, and the links that are given."""
        learns = self._usefulness is not None and detections.shape[1] > COLUMNS
        if given.scored or learns:
            graph = self._graph(detections, groups, camera)
        else:
            if camera is not None:
                self.pool.move(camera)
            self.pool.advance(detections)
            graph = None
        tracks, ends, probability, logit = self.pool.ids, _NO_LINKS, _NO_SCORES, _NO_SCORES
        if graph is not None:
            scores = fast_associate(self.weights, graph, objects=False)
            ends, probability, logit = graph.ends, scores.probability, scores.logits[-1]
        linked, matched = followed(self.pool.last_detection, given.before)
        born = given.begins.copy()
        born[matched] = False
        sure = np.ones(len(detections), dtype=bool)
        self._compared = Compared(tracks, ends, probability, _NONE)
        made = Decided(linked, matched, np.zeros(len(detections)), born.nonzero()[0], sure, ends, _NONE)
        return _Decision(probability, logit, made, graph)

    def table(self, frame: int) -> TrackTable:
        """What is known of all tracks at the newest frame."""
        return self.pool.table(self.made, frame)

    @property
    def made(self) -> MadeLinks:
        """The links of the newest frame."""
        return self._compared.made() if isinstance(self._compared, Compared) else self._compared

    def state(self) -> State:
        """What is remembered, see :mod:`gnntrack.state`."""
        useful = {} if self._usefulness is None else named_below("usefulness.", self._usefulness.state())
        return self._usual.state() | useful | links_state(self.made) | named_below("pool.", self.pool.state())

    def restore(self, state: State) -> None:
        """Takes back what :meth:`state` gave."""
        self._usual.restore(state)
        if self._usefulness is not None:
            self._usefulness.restore(part_of(state, "usefulness."))
        self._compared = links_of_state(state)
        self.pool.restore(part_of(state, "pool."))
