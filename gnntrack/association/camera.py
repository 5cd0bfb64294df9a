"""How the camera moves, as the tracks tell."""

from __future__ import annotations

import numpy as np

from gnntrack.association.histories import HEIGHT, X, Y
from gnntrack.compiled import compiled

#: Tracks that are needed to see the camera move.
FEWEST = 3


@compiled
def camera_step(newest: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """How the picture as a whole moved since the last frame, pixels ``(2,)``: the median over tracks.

    Args:
        newest: ``(T, 6)`` last observations of tracks that were seen in the last frame.
        seen: ``(D, 6)`` detections of the new frame.
    """
    steps = np.empty((2, len(newest)))
    close = 0
    for track in range(len(newest)):
        best, nearest = np.inf, -1
        for detection in range(len(seen)):
            unlike = 0.0
            for column in (X, Y, HEIGHT):
                unlike += abs(seen[detection, column] - newest[track, column])
            if unlike < best:
                best, nearest = unlike, detection
        if best < newest[track, HEIGHT]:
            steps[0, close] = seen[nearest, X] - newest[track, X]
            steps[1, close] = seen[nearest, Y] - newest[track, Y]
            close += 1
    if close < FEWEST:
        return np.zeros(2)
    return np.array([np.median(steps[0, :close]), np.median(steps[1, :close])])
