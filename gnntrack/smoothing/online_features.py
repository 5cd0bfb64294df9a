"""Versions of the newest box of each track: as :mod:`gnntrack.smoothing.features`, from the past alone."""

from __future__ import annotations

import numpy as np

from gnntrack.association.histories import CONFIDENCE, FRAME
from gnntrack.compiled import compiled
from gnntrack.smoothing.features import FAINT, LONGEST, REACH, VERSIONS, WIDTHS, logarithm, on_line

#: Observations over which it is looked at how far the versions usually are apart.
NEAR, FAR = 5.0, 30.0
ONLINE_FEATURES = 14 * len(WIDTHS) + 6
#: Columns of the noise: four sides of every smoothed version, and the confidence.
NOISE = 4 * len(WIDTHS) + 1
_CLEAR = 20.0  # from a twentieth of its size, twice, a box is clearly too large or too small


@compiled
def newest_versions(past: np.ndarray, count: np.ndarray, tracks: np.ndarray) -> np.ndarray:
    """The newest box of some tracks, as it is and on lines through those before, ``(R, VERSIONS, 4)``.

    Args:
        past: ``(T, LENGTH, 6)`` observations, newest first.
        count: ``(T,)`` how many there are.
        tracks: ``(R,)`` which.
    """
    result = np.empty((len(tracks), VERSIONS, 4))
    total, moment = np.empty(4), np.empty(4)
    for row in range(len(tracks)):
        track = tracks[row]
        newest = past[track, 0]
        result[row, 0] = newest[:4]
        for place in range(len(WIDTHS)):
            width = WIDTHS[place]
            number, time, square = 0.0, 0.0, 0.0
            total[:], moment[:] = 0.0, 0.0
            for step in range(min(count[track], past.shape[1])):
                away = past[track, step, FRAME] - newest[FRAME]
                if -away > REACH * width:
                    break
                share = (past[track, step, CONFIDENCE] + FAINT) * np.exp(-0.5 * (away / width) ** 2)
                number += share
                time += share * away
                square += share * away * away
                for side in range(4):
                    apart = share * (past[track, step, side] - newest[side])
                    total[side] += apart
                    moment[side] += apart * away
            on_line(newest[:4], number, time, square, total, moment, result[row, 1 + place])
    return result


@compiled
def newest_features(
    past: np.ndarray,
    count: np.ndarray,
    noise: np.ndarray,
    tracks: np.ndarray,
    versions: np.ndarray,
    frame_rate: float,
) -> np.ndarray:
    """What is known of these boxes, ``(R, ONLINE_FEATURES)`` float32; a mirror image has the same, and any scale.

    Args:
        past: ``(T, LENGTH, 6)`` observations, newest first.
        count: ``(T,)`` how many there are.
        noise: ``(T, 2, NOISE)`` running means of how far the versions are apart and of the confidence; is changed.
        tracks: ``(R,)`` which.
        versions: ``(R, VERSIONS, 4)``, see :func:`newest_versions`.
        frame_rate: frames a second.
    """
    x = np.empty((len(tracks), ONLINE_FEATURES), dtype=np.float32)
    block = 4 * len(WIDTHS)
    for row in range(len(tracks)):
        track = tracks[row]
        box = versions[row, 0]
        size = np.sqrt(box[2]) * np.sqrt(box[3])  # the product of specks is 0
        shares = max(1.0 / NEAR, 1.0 / count[track]), max(1.0 / FAR, 1.0 / count[track])
        confidence = past[track, 0, CONFIDENCE]
        for place in range(len(WIDTHS)):
            for side in range(4):
                column = 4 * place + side
                step = (versions[row, place + 1, side] - versions[row, place, side]) / size
                x[row, column] = logarithm(abs(step))
                if side >= 2:
                    x[row, block + 2 * place + side - 2] = min(max(_CLEAR * step, -2.0), 2.0)
                away = abs(versions[row, place + 1, side] - box[side]) / size
                for far in range(2):
                    noise[track, far, column] += shares[far] * (away - noise[track, far, column])
                    x[row, block + block // 2 + far * block + column] = logarithm(noise[track, far, column])
        noise[track, 0, block] += shares[0] * (confidence - noise[track, 0, block])
        last = 7 * block // 2
        x[row, last] = confidence
        x[row, last + 1] = noise[track, 0, block]
        x[row, last + 2] = np.log(min(float(count[track]), LONGEST))
        x[row, last + 3] = np.log(max(min(past[track, 0, FRAME] - past[track, 1, FRAME], LONGEST), 1.0))
        x[row, last + 4] = np.log(box[2] / box[3])
        x[row, last + 5] = np.log(frame_rate)
    return x
