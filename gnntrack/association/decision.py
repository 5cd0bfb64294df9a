"""What happens to the detections of a frame: which are linked, which begin tracks. Compiled, entered once a frame."""

from __future__ import annotations

import numpy as np

from gnntrack.association.assignment import assign
from gnntrack.association.evident import evident
from gnntrack.association.histories import CONFIDENCE
from gnntrack.compiled import compiled
from gnntrack.geometry.compiled_boxes import overlap

#: Lower bound on the probability of evident links.
EVIDENT_PROBABILITY = 0.9
_EVIDENT = np.float32(EVIDENT_PROBABILITY)


@compiled
def choose_links(
    ends: np.ndarray, pairs: np.ndarray, probability: np.ndarray, weight: np.ndarray, threshold: float
) -> tuple[np.ndarray, np.ndarray]:
    """Positions ``(L,)`` of the links that are made, and the probability ``(E,)`` that every candidate counts with.

    Args:
        ends: ``(2, E)`` track and detection of each candidate.
        pairs: ``(E, PAIR_FEATURES)``.
        probability: ``(E,)`` float32.
        weight: ``(D,)`` what the probabilities of links to each detection are multiplied by.
        threshold: see :func:`.assignment.assign`.
    """
    sure, believed = evident(pairs, ends), probability.copy()
    weighted = np.empty(len(probability))
    for link in range(len(probability)):
        if sure[link]:
            believed[link] = max(probability[link], _EVIDENT)
        weighted[link] = believed[link] * weight[ends[1, link]]
    return assign(ends, weighted, threshold), believed


@compiled
def births(
    detections: np.ndarray,
    wanted: np.ndarray,
    trial_share: float,
    needed: tuple[float, float],
    free: np.ndarray,
    matched: np.ndarray,
    trial_overlap: float,
    groups: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the detections that begin tracks, and which detections ``(D,)`` have a high confidence.

    Args:
        detections: ``(D, 6)`` observations.
        wanted: ``(D,)`` confidence that a birth needs.
        trial_share: share of it that a trial needs.
        needed: probability of an object without a track that a birth needs, and that a trial needs.
        free: ``(D,)`` that probability.
        matched: ``(L,)`` the detections that are linked.
        trial_overlap: IoU with others of the same group from which no trial begins.
        groups: ``(D,)`` of the detections.
    """
    count = len(detections)
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
        if taken[row] or not enough or free[row] < (needed[0] if sure[row] else needed[1]):
            continue
        if not sure[row]:
            second = False
            for other in range(count):
                near = groups[row] == groups[other] and there[other]
                second |= near and overlap(detections[row], detections[other])[0] >= trial_overlap
            if second:
                continue
        born[number] = row
        number += 1
    return born[:number], sure


@compiled
def free_objects(detection: np.ndarray, probability: np.ndarray, doubt: np.ndarray) -> np.ndarray:
    """Probability ``(D,)`` that a detection is an object without a track.

    Args:
        detection: ``(E,)`` of each link.
        probability: ``(E,)`` of each link.
        doubt: ``(D,)`` one over the probability that a detection is an object.
    """
    taken = np.zeros(len(doubt))
    for link in range(len(detection)):
        taken[detection[link]] += probability[link]
    for row in range(len(doubt)):
        taken[row] = (1.0 - taken[row]) / doubt[row]
    return taken
