"""What happens to the detections of a frame: which are linked, which begin tracks. Compiled: one call a frame."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gnntrack.association.assignment import assign
from gnntrack.association.evident import evident
from gnntrack.association.histories import CONFIDENCE
from gnntrack.association.rivals import margins_of
from gnntrack.association.settings import BirthSettings, LinkSettings
from gnntrack.compiled import compiled
from gnntrack.geometry.compiled_boxes import overlap_of

#: Lower bound on the probability of evident links.
EVIDENT_PROBABILITY = 0.9
_EVIDENT, _ONE = np.float32(EVIDENT_PROBABILITY), np.float32(1.0)


class Rules(NamedTuple):
    """What decisions go by; see :class:`.settings.LinkSettings` and :class:`.settings.BirthSettings`."""

    threshold: float
    confidence_power: float
    margin: float
    trial_share: float
    score: float
    trial_score: float
    trial_overlap: float

    @classmethod
    def of(cls, links: LinkSettings, births: BirthSettings) -> Rules:
        """Those of settings."""
        of_links = links.threshold, links.confidence_power, links.margin
        of_births = births.trial_share, births.score, births.trial_score, births.trial_overlap
        return cls(*(float(value) for value in of_links + of_births))


class Decided(NamedTuple):
    """What becomes of the D detections of a frame.

    Attributes:
        tracks: ``(L,)`` the tracks of the links that are made.
        matched: ``(L,)`` their detections.
        link_probability: ``(D,)`` of the link to each detection; 0: none.
        born: the detections that begin tracks.
        sure: ``(D,)`` which detections have a high confidence.
        ends: ``(2, E)`` track and detection of each candidate.
        chosen: ``(L,)`` the links among the candidates.
    """

    tracks: np.ndarray
    matched: np.ndarray
    link_probability: np.ndarray
    born: np.ndarray
    sure: np.ndarray
    ends: np.ndarray
    chosen: np.ndarray


@compiled
def decide(
    nodes: np.ndarray,
    count: int,
    pairs: np.ndarray,
    probability: np.ndarray,
    real: np.ndarray,
    detections: np.ndarray,
    wanted: np.ndarray,
    rules: tuple[float, ...],
    groups: np.ndarray,
    groups_of_tracks: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Those of :class:`Decided`.

    Args:
        nodes: ``(2, E)`` the ends of each candidate, as nodes of the graph.
        count: tracks among the nodes.
        pairs: ``(E, PAIR_FEATURES)``.
        probability: ``(E,)`` float32.
        real: ``(D,)`` float32, logit of being an object; empty: nothing was scored, as at the beginning of a video.
        detections: ``(D, ≥ 6)`` observations.
        wanted: ``(D,)`` confidence that a birth needs.
        rules: those of :class:`Rules`.
        groups: ``(D,)`` of the detections; empty: all are of one.
        groups_of_tracks: likewise.
    """
    threshold, power, margin, trial_share, score, trial_score, trial_overlap = rules
    ends, chosen, believed = _choose(nodes, count, pairs, probability, detections, power, threshold)
    free = _free_objects(ends, probability, real, len(detections))
    if margin > 0.0:  # rather no link than a wrong one
        clear, kept = margins_of(ends, believed.astype(np.float64), chosen), 0
        for place in range(len(chosen)):
            if clear[place] >= margin:
                chosen[kept] = chosen[place]
                kept += 1
            else:  # counts as if it had no candidates
                row = ends[1, chosen[place]]
                free[row] = _object(0.0, real[row])
        chosen = chosen[:kept].copy()
    tracks, matched = np.empty(len(chosen), dtype=np.int64), np.empty(len(chosen), dtype=np.int64)
    link_probability = np.zeros(len(detections))
    for row in range(len(chosen)):
        tracks[row], matched[row] = ends[0, chosen[row]], ends[1, chosen[row]]
        link_probability[matched[row]] = probability[chosen[row]]
    for row in range(len(groups)):  # nothing scored those of groups that have no tracks
        known = False
        for group in groups_of_tracks:
            known |= group == groups[row]
        if not known:
            free[row] = np.inf
    needed = trial_share, score, trial_score, trial_overlap
    born, sure = _births(detections, wanted, needed, free, matched, groups)
    return tracks, matched, link_probability, born, sure, ends, chosen


@compiled
def _choose(
    nodes: np.ndarray,
    count: int,
    pairs: np.ndarray,
    probability: np.ndarray,
    detections: np.ndarray,
    power: float,
    threshold: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which links are made.

    Returns:
        ``(2, E)`` track and detection of each candidate, positions ``(L,)`` of the links that are made, and the
        probability ``(E,)`` that every candidate counts with.
    """
    ends = np.empty(nodes.shape, dtype=np.int64)
    for link in range(len(probability)):
        ends[0, link], ends[1, link] = nodes[0, link], nodes[1, link] - count
    sure, believed = evident(pairs, ends), probability.copy()
    weight, weighted = np.empty(len(detections)), np.empty(len(probability))
    for row in range(len(detections)):
        weight[row] = detections[row, CONFIDENCE] ** power
    for link in range(len(probability)):
        if sure[link]:
            believed[link] = max(probability[link], _EVIDENT)
        weighted[link] = believed[link] * weight[ends[1, link]]
    return ends, assign(ends, weighted, threshold), believed


@compiled
def _free_objects(ends: np.ndarray, probability: np.ndarray, real: np.ndarray, count: int) -> np.ndarray:
    """Probability ``(D,)`` that a detection is an object without a track."""
    if len(real) == 0:
        return np.full(count, np.inf)
    taken, free = np.zeros(count), np.empty(count)
    for link in range(len(probability)):
        taken[ends[1, link]] += probability[link]
    for row in range(count):
        free[row] = _object(taken[row], real[row])
    return free


@compiled
def _object(taken: float, real: float) -> float:
    """Probability that a detection is an object, and none of those whose links to it are so probable in all."""
    return (1.0 - taken) / (_ONE + np.exp(-real))


@compiled
def _births(
    detections: np.ndarray,
    wanted: np.ndarray,
    needed: tuple[float, float, float, float],
    free: np.ndarray,
    matched: np.ndarray,
    groups: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the detections that begin tracks, and which detections ``(D,)`` have a high confidence."""
    count = len(detections)
    trial_share, score, trial_score, trial_overlap = needed
    sure, there = np.empty(count, dtype=np.bool_), np.empty(count, dtype=np.bool_)
    born, taken = np.empty(count, dtype=np.int64), np.zeros(count, dtype=np.bool_)
    for row in matched:
        taken[row] = True
    for row in range(count):
        sure[row] = detections[row, CONFIDENCE] >= wanted[row]
        there[row] = sure[row] or taken[row]
    number = 0
    for row in range(count):
        enough = detections[row, CONFIDENCE] >= wanted[row] * trial_share
        if taken[row] or not enough or free[row] < (score if sure[row] else trial_score):
            continue
        second = False
        for other in range(0 if sure[row] else count):
            near = there[other] and (len(groups) == 0 or groups[row] == groups[other])
            second |= near and overlap_of(detections, row, detections, other)[0] >= trial_overlap
        if not second:
            born[number] = row
            number += 1
    return born[:number].copy(), sure
