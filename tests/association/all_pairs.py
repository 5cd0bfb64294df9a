"""The nearest partners by tables of all pairs: what :mod:`gnntrack.association.nearest` finds without them."""

from __future__ import annotations

import numpy as np

from gnntrack.association.nearest import Near
from gnntrack.association.predictions import MIDDLE
from gnntrack.geometry.boxes import HEIGHT, X, Y


def distances(newest: np.ndarray, predicted: np.ndarray, gap: np.ndarray, detections: np.ndarray) -> np.ndarray:
    """``(T, D)``, in heights, to the newest or predicted box, whichever is nearer; long gaps reduce them."""
    slack = newest[:, HEIGHT] * (1.0 + 0.1 * (gap - 1.0))
    squared = [
        (box[:, None, X] - detections[None, :, X]) ** 2 + (box[:, None, Y] - detections[None, :, Y]) ** 2
        for box in (newest, predicted[:, MIDDLE])
    ]
    result: np.ndarray = np.sqrt(np.minimum(*squared)) / slack[:, None]
    return result


def ranks(distance: np.ndarray, most: int) -> np.ndarray:
    """Rank of every value in its row; of equal ones the first is nearer. Infinity and what is beyond: ``most``."""
    place = distance.argsort(axis=1, kind="stable").argsort(axis=1)
    return np.where(np.isinf(distance), most, np.minimum(place, most))


def two_smallest(distance: np.ndarray) -> np.ndarray:
    """The two smallest of each row."""
    return np.sort(np.pad(distance, ((0, 0), (0, 2)), constant_values=np.inf), axis=1)[:, :2]


def candidate_links(
    newest: np.ndarray,
    predicted: np.ndarray,
    gap: np.ndarray,
    detections: np.ndarray,
    groups: tuple[np.ndarray, np.ndarray],
    count: int,
    most: int,
) -> Near:
    """See :func:`gnntrack.association.nearest.candidate_links`."""
    distance = distances(newest, predicted, gap, detections)
    distance[groups[0][:, None] != groups[1][None]] = np.inf
    rank_track, rank_detection = ranks(distance, most), ranks(distance.T, most).T
    links = np.stack(np.nonzero(np.minimum(rank_track, rank_detection) < count))
    one, other = links
    return Near(
        links,
        distance[one, other],
        rank_track[one, other],
        rank_detection[one, other],
        two_smallest(distance),
        two_smallest(distance.T),
    )


def nearest_boxes(box: np.ndarray, count: int) -> list[list[int]]:
    """The nearest others of each box, the first of equals first."""
    apart = (box[:, None, X] - box[None, :, X]) ** 2 + (box[:, None, Y] - box[None, :, Y]) ** 2
    np.fill_diagonal(apart, np.inf)
    order = apart.argsort(axis=1, kind="stable")
    found: list[list[int]] = order[:, : max(min(count, len(box) - 1), 0)].tolist()
    return found
