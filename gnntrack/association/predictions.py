"""Where the tracks should be now."""

from __future__ import annotations

import numpy as np

from gnntrack.association.feature_columns import FITTED, LOOK_BACK
from gnntrack.association.histories import FRAME, NEWEST
from gnntrack.compiled import compiled
from gnntrack.geometry.boxes import HEIGHT, WIDTH
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
                add_box(sums, 1.0, past[track, step, FRAME] - newest[FRAME], past[track], step, NEWEST)
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
