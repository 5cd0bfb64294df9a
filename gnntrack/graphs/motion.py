"""How each box moves, judged from the boxes that evidently belong to it in neighbouring frames."""

from __future__ import annotations

import numpy as np

from gnntrack.compiled import compiled
from gnntrack.geometry.boxes import HEIGHT, LEFT, TOP, WIDTH, X, Y
from gnntrack.geometry.compiled_boxes import corner_overlap_of

#: Frames that a velocity looks back or ahead.
STEPS = 5
#: Neighbouring boxes that overlap less are not taken for the same object.
OVERLAP = 0.3


@compiled
def evident_links(box: np.ndarray, frame: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """The links to the next frame whose two boxes overlap each other most: ``(2, L)``.

    They are only used to measure velocities; which links are true is the model's business.

    Args:
        box: ``(N, 4)`` xywh.
        frame: ``(N,)``.
        edges: ``(2, E)`` candidates, sorted by source.
    """
    source, target = edges
    best, most = np.full((2, len(box)), -1), np.empty((2, len(box)))
    for edge in range(len(source)):
        if frame[target[edge]] - frame[source[edge]] == 1:
            overlap, _ = corner_overlap_of(box, source[edge], target[edge])
            if overlap >= OVERLAP:
                for side in (0, 1):
                    node = edges[side, edge]
                    if best[side, node] < 0 or overlap > most[side, node]:
                        best[side, node], most[side, node] = edge, overlap
    links, filled = np.empty((2, len(box)), dtype=np.int64), 0
    for node in range(len(box)):
        edge = best[0, node]
        if edge >= 0 and best[1, target[edge]] == edge:
            links[0, filled], links[1, filled] = node, target[edge]
            filled += 1
    return links[:, :filled].copy()


@compiled
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
    for link in range(links.shape[1]):
        if past:
            step[links[1, link]] = links[0, link]
        else:
            step[links[0, link]] = links[1, link]
    velocity, seen = np.empty((len(box), 2)), np.zeros(len(box))
    for node in range(len(box)):
        reached = node
        while seen[node] < STEPS and step[reached] != reached:
            reached = step[reached]
            seen[node] += 1
        span = time[node] - time[reached]
        if span == 0:
            span = 1.0
        right = (box[node, LEFT] + 0.5 * box[node, WIDTH]) - (box[reached, LEFT] + 0.5 * box[reached, WIDTH])
        down = (box[node, TOP] + 0.5 * box[node, HEIGHT]) - (box[reached, TOP] + 0.5 * box[reached, HEIGHT])
        velocity[node, X], velocity[node, Y] = right / span, down / span
    return velocity, seen
