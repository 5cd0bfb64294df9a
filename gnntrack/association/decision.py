"""What happens to the detections of a frame: which are linked, which begin tracks. Compiled: two calls a frame."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gnntrack.association.assignment import assign
from gnntrack.association.evident import evident
from gnntrack.association.histories import CONFIDENCE
from gnntrack.compiled import compiled
from gnntrack.geometry.compiled_boxes import overlap_of

#: Lower bound on the probability of evident links.
EVIDENT_PROBABILITY = 0.9
_EVIDENT, _ONE = np.float32(EVIDENT_PROBABILITY), np.float32(1.0)


class Begun(NamedTuple):
    """What becomes of the D detections of a frame once L links are chosen.

    Attributes:
        tracks: ``(L,)`` the tracks of the links.
        matched: ``(L,)`` their detections.
        link_probability: ``(D,)`` of the link to each detection; 0: none.
        born: the detections that begin tracks.
        sure: ``(D,)`` which detections have a high confidence.
    """

    tracks: np.ndarray
    matched: np.ndarray
    link_probability: np.ndarray
    born: np.ndarray
    sure: np.ndarray


@compiled
def choose_links(
    nodes: np.ndarray,
    count: int,
    pairs: np.ndarray,
    probability: np.ndarray,
    detections: np.ndarray,
    power: float,
    threshold: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The links that are made.

    Args:
        nodes: ``(2, E)`` the ends of each candidate, as nodes of the graph.
        count: tracks among the nodes.
        pairs: ``(E, PAIR_FEATURES)``.
        probability: ``(E,)`` float32.
        detections: ``(D, ≥ 6)`` observations.
        power: of a detection's confidence that the probabilities of links to it are multiplied by.
        threshold: see :func:`.assignment.assign`.

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
def begin(
    detections: np.ndarray,
    wanted: np.ndarray,
    needed: tuple[float, float, float, float],
    ends: np.ndarray,
    chosen: np.ndarray,
    probability: np.ndarray,
    real: np.ndarray,
    unclear: np.ndarray,
    alone: np.ndarray,
    groups: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Those of :class:`Begun`.

    Args:
        detections: ``(D, ≥ 6)`` observations.
        wanted: ``(D,)`` confidence that a birth needs.
        needed: share of it that a trial needs; probability of an object without a track that a birth needs, and that a
            trial needs; IoU with others of the same group from which no trial begins.
        ends: ``(2, E)`` track and detection of each candidate.
        chosen: ``(L,)`` which are made.
        probability: ``(E,)`` float32.
        real: ``(D,)`` float32, logit of being an object; empty: nothing was scored, as at the beginning of a video.
        unclear: detections that count as if they had no candidates.
        alone: detections of groups that have no tracks: nothing scored them either.
        groups: ``(D,)`` of the detections; empty: all are of one.
    """
    tracks, matched = np.empty(len(chosen), dtype=np.int64), np.empty(len(chosen), dtype=np.int64)
    link_probability = np.zeros(len(detections))
    for row in range(len(chosen)):
        tracks[row], matched[row] = ends[0, chosen[row]], ends[1, chosen[row]]
        link_probability[matched[row]] = probability[chosen[row]]
    free = _free_objects(ends, probability, real, unclear, len(detections))
    for row in alone:
        free[row] = np.inf
    born, sure = _births(detections, wanted, needed, free, matched, groups)
    return tracks, matched, link_probability, born, sure


@compiled
def _free_objects(
    ends: np.ndarray, probability: np.ndarray, real: np.ndarray, unclear: np.ndarray, count: int
) -> np.ndarray:
    """Probability ``(D,)`` that a detection is an object without a track."""
    if len(real) == 0:
        return np.full(count, np.inf)
    taken, free = np.zeros(count), np.empty(count)
    for link in range(len(probability)):
        taken[ends[1, link]] += probability[link]
    for row in unclear:
        taken[row] = 0.0
    for row in range(count):
        free[row] = (1.0 - taken[row]) / (_ONE + np.exp(-real[row]))
    return free


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
