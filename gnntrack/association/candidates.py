"""Candidate links: predicted boxes of tracks, their distances to detections, and the nearest pairs."""

from __future__ import annotations

import numpy as np

from gnntrack.association.feature_columns import FITTED, LOOK_BACK
from gnntrack.association.histories import FRAME, NEWEST
from gnntrack.compiled import compiled
from gnntrack.geometry.boxes import HEIGHT, WIDTH, X, Y
from gnntrack.geometry.lines import SUMS, add_box, line_of

#: Longest extrapolation, in frames, of each of the lines over :data:`.feature_columns.FITTED` observations.
TRUST = np.array([5.0, 15.0, 30.0])
#: Ridge penalty on fitted velocities; it matters for tracks of few observations only.
VELOCITY_RIDGE = 0.5
#: Positions of the lines over :data:`.feature_columns.FITTED` observations, and of the moved newest box.
SHORT, MIDDLE, LONG, MOVED = 0, 1, 2, 3
#: Position in :data:`.feature_columns.LOOK_BACK` of the velocity that is added to the newest box, and how many frames
#: it is trusted.
RECENT, RECENT_TRUST = 4, 15.0
#: Columns of :func:`two_smallest`.
FIRST, SECOND = 0, 1


@compiled
def predictions(past: np.ndarray, count: np.ndarray, gap: np.ndarray) -> np.ndarray:
    """Where each track should be, ``(T, 4, 4)``: on least squares lines over :data:`FITTED`, and the newest box moved.

    A fitted line is robust to one bad box, such as one that covers two people; moving the newest box on is not.

    Args:
        past: ``(T, LENGTH, 6)`` observations, newest first.
        count: ``(T,)`` how many there are.
        gap: ``(T,)`` frames since the newest.
    """
    result, sums = np.empty((len(past), len(FITTED) + 1, 4)), np.empty(SUMS)
    for track in range(len(past)):
        newest = past[track, NEWEST]
        sums[:] = 0.0
        fit = 0
        for step in range(past.shape[1]):
            if step < count[track]:
                add_box(sums, 1.0, past[track, step, FRAME] - newest[FRAME], past[track, step], newest)
            if step + 1 == FITTED[fit]:
                ahead = min(gap[track], TRUST[fit])
                for side in range(4):
                    start, slope = line_of(sums, side, VELOCITY_RIDGE)
                    result[track, fit, side] = newest[side] + start + slope * ahead
                fit = min(fit + 1, len(FITTED) - 1)
        earlier = past[track, LOOK_BACK[RECENT]]
        span = max(newest[FRAME] - earlier[FRAME], 1.0)
        for side in range(4):
            speed = (newest[side] - earlier[side]) / span
            result[track, -1, side] = newest[side] + speed * min(gap[track], RECENT_TRUST)
        for line in range(len(FITTED) + 1):
            for side in (WIDTH, HEIGHT):
                result[track, line, side] = max(result[track, line, side], 0.5 * newest[side])
    return result


@compiled
def distances(newest: np.ndarray, predicted: np.ndarray, gap: np.ndarray, detections: np.ndarray) -> np.ndarray:
    """Distances ``(T, D)``, in heights, to the newest or predicted box, whichever is nearer; long gaps reduce them."""
    result = np.empty((len(newest), len(detections)))
    for track in range(len(newest)):
        slack = newest[track, HEIGHT] * (1.0 + 0.1 * (gap[track] - 1.0))
        for detection in range(len(detections)):
            x, y = detections[detection, X], detections[detection, Y]
            was = (newest[track, X] - x) ** 2 + (newest[track, Y] - y) ** 2
            expected = (predicted[track, MIDDLE, X] - x) ** 2 + (predicted[track, MIDDLE, Y] - y) ** 2
            result[track, detection] = np.sqrt(min(was, expected)) / slack
    return result


@compiled
def keep_apart(distance: np.ndarray, tracks: np.ndarray, detections: np.ndarray) -> None:
    """Makes the distances ``(T, D)`` infinite where a track ``(T,)`` and a detection ``(D,)`` are of other groups."""
    for track in range(len(tracks)):
        for detection in range(len(detections)):
            if tracks[track] != detections[detection]:
                distance[track, detection] = np.inf


@compiled
def ranks(distance: np.ndarray, most: int) -> np.ndarray:
    """Rank of the nearest values of every row, from 0; the others, and what is infinitely far, have rank ``most``."""
    result, near = np.empty(distance.shape, dtype=np.int64), np.empty(most, dtype=np.int64)
    for row in range(len(distance)):
        for place in range(most):
            near[place] = -1
        for column in range(distance.shape[1]):
            result[row, column] = most
            here, place = distance[row, column], most
            while place > 0 and here < np.inf and (near[place - 1] < 0 or here < distance[row, near[place - 1]]):
                place -= 1
            for later in range(most - 1, place, -1):
                near[later] = near[later - 1]
            if place < most:
                near[place] = column
        for place in range(most):
            if near[place] >= 0:
                result[row, near[place]] = place
    return result


@compiled
def candidates(rank_track: np.ndarray, rank_detection: np.ndarray, count: int) -> np.ndarray:
    """``(2, E)`` pairs in which one is among the nearest ``count`` of the other; sorted."""
    tracks, detections = rank_track.shape
    number = 0
    for track in range(tracks):
        for detection in range(detections):
            number += min(rank_track[track, detection], rank_detection[track, detection]) < count
    links = np.empty((2, number), dtype=np.int64)
    link = 0
    for track in range(tracks):
        for detection in range(detections):
            if min(rank_track[track, detection], rank_detection[track, detection]) < count:
                links[0, link], links[1, link] = track, detection
                link += 1
    return links


@compiled
def two_smallest(values: np.ndarray) -> np.ndarray:
    """The two smallest of every row, :data:`FIRST` and :data:`SECOND`, infinity where there is no second."""
    result = np.empty((len(values), 2))
    for row in range(len(values)):
        result[row, FIRST] = result[row, SECOND] = np.inf
        for column in range(values.shape[1]):
            value = values[row, column]
            if value < result[row, FIRST]:
                result[row, SECOND], result[row, FIRST] = result[row, FIRST], value
            elif value < result[row, SECOND]:
                result[row, SECOND] = value
    return result
