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
def camera_path(frame: np.ndarray, moment: np.ndarray, track: np.ndarray, box: np.ndarray, frames: int) -> np.ndarray:
    """Where the camera stands in each frame that has boxes ``(F, 2)``: the sum of the steps, once all is linked.

    Args:
        frame: ``(M,)`` of every box, by track and time.
        moment: ``(M,)`` how many frames with boxes come before it.
        track: ``(M,)``.
        box: ``(M, 4)``.
        frames: F.
    """
    steps = np.zeros(frames + 1, dtype=np.int64)
    for row in range(1, len(frame)):
        if track[row] == track[row - 1] and frame[row] == frame[row - 1] + 1:
            steps[moment[row] + 1] += 1
    filled = np.zeros(frames + 1, dtype=np.int64)
    for number in range(1, frames + 1):
        steps[number] += steps[number - 1]
        filled[number] = steps[number]
    moved = np.zeros((steps[frames], 2))
    for row in range(1, len(frame)):
        if track[row] == track[row - 1] and frame[row] == frame[row - 1] + 1:
            for side in range(2):
                moved[filled[moment[row]], side] = box[row, side] - box[row - 1, side]
            filled[moment[row]] += 1
    result = np.zeros((frames, 2))
    for number in range(1, frames):
        known = steps[number + 1] - steps[number]
        for side in range(2):
            result[number, side] = result[number - 1, side]
            if known >= FEWEST:
                result[number, side] += median_of(moved[steps[number] :], side, known)
    return result
