"""How the camera moves: the median step of the boxes of tracks from one frame to the next."""

from __future__ import annotations

import numpy as np

from gnntrack.compiled import compiled
from gnntrack.geometry.boxes import HEIGHT, X, Y
from gnntrack.geometry.medians import median_of

#: Boxes that are needed to see the camera move.
FEWEST = 3


@compiled
def camera_step(newest: np.ndarray, detections: np.ndarray) -> np.ndarray:
    """How the image as a whole moved since the last frame, pixels ``(2,)``, judged before anything is linked.

    Args:
        newest: ``(T, ≥ 4)`` cxcywh of tracks that were seen in the last frame.
        detections: ``(D, ≥ 4)`` of the new frame.
    """
    steps = np.empty((len(newest), 2))
    close = 0
    order = np.argsort(detections[:, X])
    across = detections[:, X][order]
    for track in range(len(newest)):
        best, nearest = newest[track, HEIGHT], -1
        start = np.searchsorted(across, newest[track, X])
        for way in (-1, 1):
            rank = start - 1 if way < 0 else start
            while 0 <= rank < len(order) and abs(across[rank] - newest[track, X]) <= best:
                detection = order[rank]
                unlike = 0.0
                for column in (X, Y, HEIGHT):
                    unlike += abs(detections[detection, column] - newest[track, column])
                if unlike < best or (unlike == best and detection < nearest):
                    best, nearest = unlike, detection
                rank += way
        if nearest >= 0:
            for side in range(2):
                steps[close, side] = detections[nearest, side] - newest[track, side]
            close += 1
    result = np.zeros(2)
    for side in range(2 if close >= FEWEST else 0):
        result[side] = median_of(steps, side, close)
    return result


@compiled
def camera_path(frame: np.ndarray, step: np.ndarray, known: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Where the camera stands in the frame of each box ``(N, 2)``: the sum of the steps, once all is linked.

    Args:
        frame: ``(N,)`` ascending.
        step: ``(N, 2)`` how far the object of each box moved since the last frame.
        known: ``(N,)`` whether it was seen there.
        start: ``(2,)`` where the camera stood before the first frame.
    """
    result, steps, position = np.empty((len(frame), 2)), np.empty((len(frame), 2)), start.copy()
    first = 0
    while first < len(frame):
        stop, count = first, 0
        while stop < len(frame) and frame[stop] == frame[first]:
            if known[stop]:
                for side in range(2):
                    steps[count, side] = step[stop, side]
                count += 1
            stop += 1
        for side in range(2):
            if count >= FEWEST:
                position[side] += median_of(steps, side, count)
            for row in range(first, stop):
                result[row, side] = position[side]
        first = stop
    return result
