"""Where the camera stands, as the tracks of a whole video tell."""

from __future__ import annotations

import numpy as np

from gnntrack.association.camera import FEWEST
from gnntrack.compiled import compiled


@compiled
def camera_path(frame: np.ndarray, moment: np.ndarray, track: np.ndarray, box: np.ndarray, frames: int) -> np.ndarray:
    """Where the camera stands in each frame that has boxes ``(F, 2)``: the sum of the median steps of the tracks.

    Args:
        frame: ``(M,)`` of every box.
        moment: ``(M,)`` how many frames with boxes come before it.
        track: ``(M,)``.
        box: ``(M, 4)``.
        frames: F.
    """
    steps = np.zeros(frames + 1, dtype=np.int64)
    for row in range(1, len(frame)):
        if track[row] == track[row - 1] and frame[row] == frame[row - 1] + 1:
            steps[moment[row] + 1] += 1
    steps = np.cumsum(steps)
    filled = steps.copy()
    moved = np.zeros((steps[-1], 2))
    for row in range(1, len(frame)):
        if track[row] == track[row - 1] and frame[row] == frame[row - 1] + 1:
            moved[filled[moment[row]]] = box[row, :2] - box[row - 1, :2]
            filled[moment[row]] += 1
    result = np.zeros((frames, 2))
    for number in range(1, frames):
        first, last = steps[number], steps[number + 1]
        result[number] = result[number - 1]
        if last - first >= FEWEST:
            for side in range(2):
                result[number, side] += np.median(moved[first:last, side])
    return result
