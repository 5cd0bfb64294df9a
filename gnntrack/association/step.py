"""What a linker is given for a frame, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gnntrack.association.graph import BipartiteGraph

_NONE = np.zeros(0, dtype=np.int64)


class Linked(NamedTuple):
    """The tracks of the D detections of a frame.

    Attributes:
        ids: ``(D,)`` the track of each; below 1: none (yet); negative: a track that is not confirmed yet.
        probability: ``(D,)`` of the link to each; 0: none.
    """

    ids: np.ndarray
    probability: np.ndarray


class Step(NamedTuple):
    """What happened in a frame.

    Attributes:
        ids: ``(D,)`` the track of each detection; 0: none; negative: a track that is not confirmed yet.
        candidates: ``(2, E)`` candidate links: the id of the track's last detection, and that of the detection.
        probability: ``(E,)`` of each candidate.
        logit: ``(E,)`` of each candidate, above 0: linked rather than not.
        links: ``(2, L)`` the chosen links, as pairs of the same ids.
        link_probability: ``(D,)`` of the chosen link to each detection; 0: none, or it was given.
        graph: what the network saw, its links in the order of ``candidates``; None: nothing to link.
    """

    ids: np.ndarray
    candidates: np.ndarray
    probability: np.ndarray
    logit: np.ndarray
    links: np.ndarray
    link_probability: np.ndarray
    graph: BipartiteGraph | None = None


@dataclass(frozen=True)
class Given:
    """Links that are given, not found.

    Attributes:
        before: ``(D,)`` the id of the detection that each must follow, −1: none.
        begins: ``(D,)`` whether a detection that follows none begins a track.
        scored: whether candidates are asked for; without them there is nothing to compute.
    """

    before: np.ndarray
    begins: np.ndarray
    scored: bool = True


def followed(last_detection: np.ndarray, before: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Tracks and detections of the links that are given.

    Args:
        last_detection: ``(T,)`` the id of each track's newest detection.
        before: ``(D,)`` see :class:`Given`.

    Example:
        >>> followed(np.array([7, 3]), np.array([-1, 3, 5]))
        (array([1]), array([1]))
    """
    matched = np.flatnonzero(before >= 0)
    if not len(last_detection):
        return _NONE, _NONE
    order = np.argsort(last_detection)
    place = np.searchsorted(last_detection, before[matched], sorter=order)
    tracks = order[np.minimum(place, len(order) - 1)]
    there = last_detection[tracks] == before[matched]
    return tracks[there], matched[there]
