"""Online linking by an :class:`AssociationNetwork`: tracks with histories against the detections of the new frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gnntrack.association.assignment import assign
from gnntrack.association.compiled_network import fast_associate
from gnntrack.association.features import evident, largest_overlap
from gnntrack.association.histories import CONFIDENCE, FRAME, observations
from gnntrack.association.life_cycle import TrackPool
from gnntrack.association.network import AssociationNetwork
from gnntrack.association.scores import Scores
from gnntrack.association.settings import AssociationSettings
from gnntrack.relinking.online import Identities
from gnntrack.sequence import View
from gnntrack.smoothing.boxes import BoxFilter

_NOBODY = np.zeros(0, dtype=np.int64)
#: Confidence that objects are taken to have before any were seen (it counts as one of them); how much of that mean
#: remains after another frame; the highest confidence that a birth can need.
USUAL, REMEMBERED, HIGHEST = 0.85, 0.98, 0.92
#: Probability that evident links have at least.
EVIDENT = 0.9
#: From here down that mean weighs nothing against one detection, and frames without boxes leave it alone.
LEAST_SURE = 1e-9


class Step(NamedTuple):
    """What happened in a frame.

    Attributes:
        ids: ``(D,)`` the track of each detection; 0: none; negative: a track that is not confirmed yet.
        links: ``(2, E)`` candidates: the number of the track's newest detection, and that of the detection.
        probability: ``(E,)`` of each candidate.
        made: ``(2, L)`` the links that were made, in the same numbers.
        chance: ``(D,)`` probability of the link that was made to each detection; 0: none, or it was given.
    """

    ids: np.ndarray
    links: np.ndarray
    probability: np.ndarray
    made: np.ndarray
    chance: np.ndarray


class Linked(NamedTuple):
    """What a linker says of the N boxes of a frame.

    Attributes:
        ids: ``(N,)`` the track of each; below 1: none (yet).
        boxes: ``(N, 4)`` xywh, smoothed; None: the boxes stay as they are.
    """

    ids: np.ndarray
    boxes: np.ndarray | None = None


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
        network: scores candidates.
        association: thresholds.
        view: of the video.
    """

    def __init__(self, network: AssociationNetwork, association: AssociationSettings, view: View) -> None:
        self.settings = association
        self.weights = network.gathered()
        self._sure = np.array([USUAL, 1.0])  # decaying sums over detections, see _usual
        self.pool = TrackPool(association, view, network.settings)
        tracklets = network.tracklets
        self._identities = None if tracklets is None else Identities(tracklets, association, view)
        smoothing = network.smoothing if association.smooth_online else None
        self.filter = None if smoothing is None else BoxFilter(smoothing.online, view.frame_rate)

    def __len__(self) -> int:
        """Tracks that are remembered."""
        return len(self.pool)

    def look(self, view: View) -> None:
        """The picture is larger than was thought."""
        self.pool.view = view

    def link(
        self, boxes: np.ndarray, confidence: np.ndarray, frame: int, embeddings: np.ndarray | None = None
    ) -> Linked:
        """The tracks of the boxes ``(N, 4)`` xywh of a new frame; below 1: of none that counts."""
        seen = observations(boxes, confidence, frame, embeddings)
        step = self.step(seen, np.arange(len(boxes)), frame=frame)
        ids = step.ids if self._identities is None else self._identities.show(seen, step.ids, step.chance)
        return Linked(ids, self._filtered(boxes, frame))

    def _filtered(self, boxes: np.ndarray, frame: int) -> np.ndarray | None:
        """The boxes ``(N, 4)`` xywh, those that belong to tracks smoothed; None where nothing is smoothed."""
        if self.filter is None:
            return None
        tracks = np.flatnonzero(self.pool.histories.newest[:, FRAME] == frame)
        result = boxes.copy()
        if len(tracks):
            result[self.pool.handles[tracks]] = self.filter(self.pool.histories, tracks)
        return result

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
        chance = np.zeros(len(seen))
        wanted = min(self.settings.birth_relative * self._usual(seen[:, CONFIDENCE]), HIGHEST)
        wanted = max(self.settings.birth_confidence, wanted)
        sure = seen[:, CONFIDENCE] >= wanted
        born = seen[:, CONFIDENCE] >= wanted * self.settings.unsure_birth
        if graph is not None:
            scores = fast_associate(self.weights, graph)
            ends, probability = graph.ends, scores.probability
            links = np.stack([self.pool.handles[ends[0]], numbers[ends[1]]])
            if given is None:
                weight = seen[ends[1], CONFIDENCE] ** self.settings.confidence_power
                believed = np.where(evident(graph.pairs, ends), np.maximum(probability, EVIDENT), probability)
                chosen = assign(ends, believed * weight, self.settings.link_threshold)
                tracks, detections = ends[:, chosen]
                chance[detections] = probability[chosen]
                needed = np.where(sure, self.settings.birth_score, self.settings.unsure_score)
                born &= birth_score(scores, ends[1]) >= needed
        if given is not None:
            tracks, detections = _followed(self.pool.handles, given.before)
            born, sure = given.begins.copy(), np.ones(len(seen), dtype=bool)
        born[detections] = False
        trial = np.flatnonzero(born & ~sure)
        if len(trial):
            there = sure.copy()
            there[detections] = True
            born[trial] = largest_overlap(seen[trial], seen[there]) < self.settings.unsure_overlap
        made = np.stack([self.pool.handles[tracks], numbers[detections]])
        ids = self.pool.commit(frame, seen, numbers, tracks, detections, born.nonzero()[0], sure)
        return Step(ids, links, probability, made, chance)

    def _usual(self, confidence: np.ndarray) -> float:
        """The confidence that objects of this video usually have: a running mean in which the sure ones count most."""
        squared = confidence * confidence
        if len(confidence) or self._sure[1] > LEAST_SURE:  # a night without objects would leave 0 / 0
            self._sure = REMEMBERED * self._sure + np.array([(squared * confidence).sum(), squared.sum()])
        return float(self._sure[0] / self._sure[1])


def birth_score(scores: Scores, detections: np.ndarray) -> np.ndarray:
    """Probability ``(D,)`` that a detection is an object which no track has.

    Args:
        scores: of an association graph.
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
