"""Versions of the newest box of each track: as :mod:`gnntrack.smoothing.features`, from the past alone."""

from __future__ import annotations

import numpy as np

from gnntrack.association.histories import CONFIDENCE, FRAME, NEWEST
from gnntrack.compiled import compiled
from gnntrack.geometry.boxes import HEIGHT, WIDTH
from gnntrack.geometry.lines import SUMS, add_box
from gnntrack.smoothing.feature_columns import DISTANCES, NOISE, ONLINE, ONLINE_FEATURES, STRETCHES
from gnntrack.smoothing.features import AS_DETECTED, CLEAR, FAINT, LONGEST, REACH, VERSIONS, bell, logarithm, to_line

#: Observations over which it is looked at how far the versions usually are apart.
NEAR, FAR = 5.0, 30.0
#: Which of the two running means is of the nearer ones.
SHORT = 0


@compiled
def newest_versions(past: np.ndarray, count: np.ndarray, tracks: np.ndarray) -> np.ndarray:
    """The newest box of some tracks, as it is and on lines through those before, ``(R, VERSIONS, 4)``.

    Args:
        past: ``(T, LENGTH, 6)`` observations, newest first.
        count: ``(T,)`` how many there are.
        tracks: ``(R,)`` which.
    """
    result, sums = np.empty((len(tracks), VERSIONS, 4)), np.empty(SUMS)
    for row in range(len(tracks)):
        track = tracks[row]
        newest = past[track, NEWEST]
        for side in range(4):
            result[row, AS_DETECTED, side] = newest[side]
        for place in range(len(STRETCHES)):
            sums[:] = 0.0
            for step in range(min(count[track], past.shape[1])):
                away = past[track, step, FRAME] - newest[FRAME]
                if -away > REACH * STRETCHES[place]:
                    break
                share = (past[track, step, CONFIDENCE] + FAINT) * bell(away, STRETCHES[place])
                add_box(sums, share, away, past[track], step, NEWEST)
            to_line(newest, sums, result[row, AS_DETECTED + 1 + place])
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
    """Features of these boxes, ``(R, ONLINE_FEATURES)`` float32; flips and scale do not change them.

    Args:
        past: ``(T, LENGTH, 6)`` observations, newest first.
        count: ``(T,)`` how many there are.
        noise: ``(T, 2, NOISE_COLUMNS)`` running means of distances between versions and of the confidence; is changed.
        tracks: ``(R,)`` which.
        versions: ``(R, VERSIONS, 4)``, see :func:`newest_versions`.
        frame_rate: frames a second.
    """
    x = np.empty((len(tracks), ONLINE_FEATURES), dtype=np.float32)
    for row in range(len(tracks)):
        track = tracks[row]
        box, usual = versions[row, AS_DETECTED], noise[track]
        size = np.sqrt(box[WIDTH]) * np.sqrt(box[HEIGHT])  # the product of specks is 0
        shares = max(1.0 / NEAR, 1.0 / count[track]), max(1.0 / FAR, 1.0 / count[track])
        confidence = past[track, NEWEST, CONFIDENCE]
        for place in range(len(STRETCHES)):
            for side in range(4):
                column = 4 * place + side
                step = (versions[row, place + 1, side] - versions[row, place, side]) / size
                x[row, ONLINE.steps + column] = logarithm(abs(step))
                if side >= WIDTH:
                    x[row, ONLINE.signed + 2 * place + side - WIDTH] = min(max(CLEAR * step, -2.0), 2.0)
                away = abs(versions[row, place + 1, side] - box[side]) / size
                for span in range(2):
                    usual[span, column] += shares[span] * (away - usual[span, column])
                    x[row, ONLINE.usual + span * DISTANCES + column] = logarithm(usual[span, column])
        usual[SHORT, NOISE.confidence] += shares[SHORT] * (confidence - usual[SHORT, NOISE.confidence])
        x[row, ONLINE.confidence] = confidence
        x[row, ONLINE.confidence_around] = usual[SHORT, NOISE.confidence]
        x[row, ONLINE.observations] = np.log(min(float(count[track]), LONGEST))
        since = past[track, NEWEST, FRAME] - past[track, NEWEST + 1, FRAME]
        x[row, ONLINE.before] = np.log(max(min(since, LONGEST), 1.0))
        x[row, ONLINE.aspect] = np.log(box[WIDTH] / box[HEIGHT])
        x[row, ONLINE.frame_rate] = np.log(frame_rate)
    return x
