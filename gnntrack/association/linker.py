"""Online linking by an association network: tracks with histories against the detections of the new frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gnntrack.association.assignment import assign
from gnntrack.association.compiled_network import Scores, Weights, fast_associate
from gnntrack.association.features import evident
from gnntrack.association.graph import BipartiteGraph
from gnntrack.association.histories import CONFIDENCE, FRAME
from gnntrack.association.life_cycle import TrackPool
from gnntrack.association.settings import BirthSettings, LinkNetworkSettings, LinkSettings
from gnntrack.geometry.compiled_boxes import largest_overlap
from gnntrack.sequence import View

_NOBODY = np.zeros(0, dtype=np.int64)
#: Confidence that objects are taken to have before any were seen (it counts as one of them); how much of that mean
#: remains after another frame; the highest confidence that a birth can need.
USUAL, REMEMBERED, HIGHEST = 0.85, 0.98, 0.92
#: Probability that evident links have at least.
EVIDENT = 0.9
#: From here down that mean weighs nothing against one detection, and frames without boxes leave it alone.
LEAST_SURE = 1e-9


class Linked(NamedTuple):
    """What a linker says of the D detections of a frame.

    Attributes:
        ids: ``(D,)`` the track of each; below 1: none (yet); negative: a track that is not confirmed yet.
        chance: ``(D,)`` probability of the link that was made to each; 0: none.
    """

    ids: np.ndarray
    chance: np.ndarray


class Step(NamedTuple):
    """What happened in a frame.

    Attributes:
        ids: ``(D,)`` the track of each detection; 0: none; negative: a track that is not confirmed yet.
        links: ``(2, E)`` candidates: the number of the track's newest detection, and that of the detection.
        probability: ``(E,)`` of each candidate.
        logit: ``(E,)`` of each candidate, above 0: linked rather than not.
        made: ``(2, L)`` the links that were made, in the same numbers.
        chance: ``(D,)`` probability of the link that was made to each detection; 0: none, or it was given.
        graph: what the network saw, its links in the order of ``links``; None: nothing to link.
    """

    ids: np.ndarray
    links: np.ndarray
    probability: np.ndarray
    logit: np.ndarray
    made: np.ndarray
    chance: np.ndarray
    graph: BipartiteGraph | None = None


@dataclass(frozen=True)
class Given:
    """Links that are given, not found.

    Attributes:
        before: ``(D,)`` the number of the detection that each must follow, −1: none.
        begins: ``(D,)`` whether a detection that follows none begins a track.
    """

    before: np.ndarray
    begins: np.ndarray


class AssociationLinker:
    """Scores tracks against detections, assigns, and lets tracks be born and die.

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
        self.weights, self.births, self.links = weights, births, links
        self._sure = np.array([USUAL, 1.0])  # decaying sums over detections, see _usual
        self.pool = TrackPool(births, links, view, shape, noise)

    def __len__(self) -> int:
        """Tracks that are remembered."""
        return len(self.pool)

    def set_view(self, view: View) -> None:
        """The image is larger than was thought."""
        self.pool.view = view

    def link(self, boxes: np.ndarray, seen: np.ndarray, frame: int) -> Linked:
        """The tracks of the detections of a new frame.

        Args:
            boxes: ``(D, 4)`` xywh; ``seen`` says all that is needed here.
            seen: ``(D, 6 + A)`` the same as observations.
            frame: its number.
        """
        step = self.step(seen, np.arange(len(seen)), frame=frame)
        return Linked(step.ids, step.chance)

    def step(self, seen: np.ndarray, numbers: np.ndarray, given: Given | None = None, frame: int | None = None) -> Step:
        """Goes on to a new frame.

        Args:
            seen: ``(D, 6 + A)`` observations.
            numbers: ``(D,)`` the caller's number of each.
            given: the links to be made. Without it, the network decides.
            frame: the frame's number, needed where ``seen`` is empty.
        """
        frame = int(seen[0, FRAME]) if frame is None else frame
        graph = self.pool.graph(seen)
        tracks, detections, links, probability = _NOBODY, _NOBODY, np.zeros((2, 0), dtype=np.int64), np.zeros(0)
        logit = probability
        chance = np.zeros(len(seen))
        wanted = min(self.births.usual_share * self._usual(seen[:, CONFIDENCE]), HIGHEST)
        wanted = max(self.births.confidence, wanted)
        sure = seen[:, CONFIDENCE] >= wanted
        born = seen[:, CONFIDENCE] >= wanted * self.births.trial_share
        if graph is not None:
            scores = fast_associate(self.weights, graph)
            ends, probability, logit = graph.ends, scores.probability, scores.logits[-1]
            links = np.stack([self.pool.handles[ends[0]], numbers[ends[1]]])
            if given is None:
                weight = seen[ends[1], CONFIDENCE] ** self.links.confidence_power
                believed = np.where(evident(graph.edge_attr, ends), np.maximum(probability, EVIDENT), probability)
                chosen = assign(ends, believed * weight, self.links.threshold)
                tracks, detections = ends[:, chosen]
                chance[detections] = probability[chosen]
                needed = np.where(sure, self.births.score, self.births.trial_score)
                born &= birth_score(scores, ends[1]) >= needed
        if given is not None:
            tracks, detections = _followed(self.pool.handles, given.before)
            born, sure = given.begins.copy(), np.ones(len(seen), dtype=bool)
        born[detections] = False
        trial = np.flatnonzero(born & ~sure)
        if len(trial):
            there = sure.copy()
            there[detections] = True
            born[trial] = largest_overlap(seen[trial], seen[there]) < self.births.trial_overlap
        made = np.stack([self.pool.handles[tracks], numbers[detections]])
        ids = self.pool.commit(frame, seen, numbers, tracks, detections, born.nonzero()[0], sure)
        return Step(ids, links, probability, logit, made, chance, graph)

    def _usual(self, confidence: np.ndarray) -> float:
        """The confidence that objects of this video usually have: a running mean in which the sure ones count most."""
        squared = confidence * confidence
        if len(confidence) or self._sure[1] > LEAST_SURE:  # a night without objects would leave 0 / 0
            self._sure = REMEMBERED * self._sure + np.array([(squared * confidence).sum(), squared.sum()])
        return float(self._sure[0] / self._sure[1])


def birth_score(scores: Scores, detections: np.ndarray) -> np.ndarray:
    """Probability ``(D,)`` that a detection is an object which no track has.

    Args:
        scores: of a graph of tracks and detections.
        detections: ``(E,)`` the detection of each link.
    """
    taken = np.bincount(detections, scores.probability, len(scores.real))
    score: np.ndarray = (1.0 - taken) / (1.0 + np.exp(-scores.real))
    return score


def _followed(handles: np.ndarray, before: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Tracks and detections of the links that ``before`` asks for."""
    wanted = before[:, None] == handles[None]  # (D, T); handles are never −1
    detections, tracks = wanted.nonzero()
    return tracks, detections
