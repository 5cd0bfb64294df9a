"""How each box moves, judged from the boxes that evidently belong to it in neighbouring frames."""

from __future__ import annotations

import numpy as np

from gnntrack.geometry import centres, iou

#: Frames that a velocity looks back or ahead.
STEPS = 5
#: Neighbouring boxes that overlap less are not taken for the same object.
OVERLAP = 0.3


def evident_links(box: np.ndarray, frame: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """The links to the next frame whose two boxes overlap each other most: ``(2, L)``.

    They are only used to measure velocities; which links are true is the model's business.

    Args:
        box: ``(N, 4)`` xywh.
        frame: ``(N,)``.
        edges: ``(2, E)`` candidates.
    """
    near = edges[:, frame[edges[1]] - frame[edges[0]] == 1]
    overlap = iou(box[near[0]], box[near[1]])
    near, overlap = near[:, overlap >= OVERLAP], overlap[overlap >= OVERLAP]
    order = np.argsort(-overlap, kind="stable")
    best = np.zeros((2, near.shape[1]), dtype=bool)
    for side in (0, 1):
        _, first = np.unique(near[side][order], return_index=True)
        best[side][order[first]] = True
    return near[:, best.all(0)]


def velocities(box: np.ndarray, time: np.ndarray, links: np.ndarray, past: bool) -> tuple[np.ndarray, np.ndarray]:
    """Mean velocity over up to :data:`STEPS` links into the past (or the future).

    Args:
        box: ``(N, 4)`` xywh.
        time: ``(N,)`` seconds.
        links: ``(2, L)`` from :func:`evident_links`.
        past: look back; otherwise ahead.

    Returns:
        Velocities ``(N, 2)`` in pixels a second, 0 where nothing is known, and the number of links seen ``(N,)``.

    Example:
        >>> box = np.array([[0.0, 0, 10, 20], [2.0, 0, 10, 20]])
        >>> velocities(box, np.array([0.0, 0.5]), np.array([[0], [1]]), past=True)[0].tolist()
        [[0.0, 0.0], [4.0, 0.0]]
    """
    step = np.arange(len(box))
    here, there = (links[1], links[0]) if past else (links[0], links[1])
    step[here] = there
    reached, seen = np.arange(len(box)), np.zeros(len(box))
    for _ in range(STEPS):
        seen += step[reached] != reached
        reached = step[reached]
    centre = centres(box)
    span = time - time[reached]
    return (centre - centre[reached]) / np.where(span == 0, 1.0, span)[:, None], seen
