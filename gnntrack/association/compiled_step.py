"""A whole frame in one compiled call, from the candidates to the tracks: what a stream of plain boxes goes through.

Of a few boxes, handing arrays over from call to call takes a sixth of the time.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gnntrack.association.compiled_life_cycle import TrackArrays, committed, step_of_camera
from gnntrack.association.compiled_network import score
from gnntrack.association.decision import decide
from gnntrack.association.graph import built
from gnntrack.association.histories import CONFIDENCE
from gnntrack.association.usual_confidence import HIGHEST_NEEDED, added
from gnntrack.compiled import compiled


class Advanced(NamedTuple):
    """What becomes of a frame of D detections, and of the T tracks before it.

    Attributes:
        ids: ``(D,)`` see :meth:`.life_cycle.TrackPool.commit`; those that begin tracks have none yet.
        link_probability: ``(D,)`` of the link to each detection; 0: none.
        born: the detections that begin tracks.
        sure: ``(D,)`` which detections have a high confidence.
        ends: ``(2, E)`` track and detection of each candidate.
        probability: ``(E,)`` of each.
        chosen: ``(L,)`` the links among the candidates.
        alive: ``(T,)`` which tracks are alive afterwards; empty: all.
        usual: sums of :class:`.usual_confidence.UsualConfidence`.
    """

    ids: np.ndarray
    link_probability: np.ndarray
    born: np.ndarray
    sure: np.ndarray
    ends: np.ndarray
    probability: np.ndarray
    chosen: np.ndarray
    alive: np.ndarray
    usual: tuple[float, float]


@compiled
def advanced(
    tracks: TrackArrays,
    detections: np.ndarray,
    camera: np.ndarray,
    frame: float,
    view: tuple[float, float, float],
    nearest: tuple[int, int],
    numbers: np.ndarray,
    sizes: tuple[int, ...],
    usual: tuple[float, float],
    births: tuple[float, float],
    rules: tuple[float, ...],
    limits: tuple[int, int, int, int],
) -> tuple[
    np.ndarray,
    np.ndarray,
    np.ndarray,
    np.ndarray,
    np.ndarray,
    np.ndarray,
    np.ndarray,
    np.ndarray,
    tuple[float, float],
]:
    """Those of :class:`Advanced`; all detections are of one group, and without embeddings.

    Args:
        tracks: all but the ids are changed.
        detections: ``(D, 6)`` observations; D ≥ 1 and T ≥ 1.
        camera: ``(2,)`` where it stood; moves on.
        frame: of the detections.
        view: of the video: width, height, frame rate.
        nearest: candidates and neighbours of each, see :func:`.graph.association_graph`.
        numbers: of the network, see :func:`.packed_weights.unpacked`, like ``sizes``.
        sizes: of the network.
        usual: sums so far.
        births: share of the usual confidence that one needs, and the least confidence.
        rules: those of :class:`.decision.Rules`.
        limits: of :class:`.life_cycle.TrackPool`.
    """
    past, count, prediction_error, cameras = tracks[:4]
    step = step_of_camera(past, detections)
    for side in range(2):
        camera[side] += step[side]
    confidence = detections[:, CONFIDENCE].copy()
    usual = added(usual[0], usual[1], confidence)
    usual_share, least = births
    wanted = np.full(len(detections), max(min(usual_share * (usual[0] / usual[1]), HIGHEST_NEEDED), least))
    width, height, frame_rate = view
    known, found, links, pairs, spatial, relations = built(
        past, count, prediction_error, cameras, detections, width, height, frame_rate, camera, nearest[0], nearest[1]
    )
    for link in range(links.shape[1]):
        links[1, link] += len(past)
    no_appearance, no_groups = np.zeros((0, sizes[-2]), dtype=np.float32), np.zeros(0)
    _, probability, real = score(known, found, links, pairs, spatial, relations, no_appearance, numbers, sizes, True)
    linked, matched, link_probability, born, sure, ends, chosen = decide(
        links, len(past), pairs, probability, real.ravel(), detections, wanted, rules, no_groups, no_groups
    )
    numbered = np.arange(len(detections))
    result, alive = committed(tracks, linked, matched, sure, detections, numbered, camera, frame, limits)
    return result, link_probability, born, sure, ends, probability, chosen, alive, usual
