"""Versions of the newest box of each track: as :mod:`gnntrack.smoothing.features`, from the past alone."""

from __future__ import annotations

import numpy as np

from gnntrack.association.histories import CONFIDENCE, FRAME, NEWEST
from gnntrack.compiled import compiled
from gnntrack.geometry.boxes import HEIGHT, WIDTH
from gnntrack.geometry.lines import SUMS, add_box
from gnntrack.geometry.logarithms import logarithms
from gnntrack.smoothing.feature_columns import DISTANCES, NOISE, ONLINE, ONLINE_FEATURES, STRETCHES
from gnntrack.smoothing.features import AS_DETECTED, CLEAR, FAINT, LEAST, LONGEST, REACH, SHIFT, VERSIONS, to_line

#: Observations over which it is looked at how far the versions usually are apart.
NEAR, FAR = 5.0, 30.0
#: Which of the two running means is of the nearer ones.
SHORT = 0
#: Gaussian weights of boxes, by stretch and by how many frames they are away; the same as :func:`.features.bell` gives.
_BELLS = np.exp(-0.5 * (np.arange(REACH * STRETCHES.max() + 1.0) / STRETCHES[:, None]) ** 2)


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
        observed, lines, now = past[track], result[row], past[track, NEWEST, FRAME]
        for side in range(4):
            lines[AS_DETECTED, side] = observed[NEWEST, side]
        for place in range(len(STRETCHES)):
            sums[:] = 0.0
            for step in range(min(count[track], past.shape[1])):
                away = observed[step, FRAME] - now
                if -away > REACH * STRETCHES[place]:
                    break
                share = (observed[step, CONFIDENCE] + FAINT) * _BELLS[place, int(-away)]
                add_box(sums, share, away, observed, step, NEWEST)
            to_line(observed, NEWEST, sums, lines, AS_DETECTED + 1 + place)
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
    lengths = np.empty((len(tracks), 3, DISTANCES))  # steps, and usual distances over both spans
    for row in range(len(tracks)):
        track = tracks[row]
        size = np.sqrt(versions[row, AS_DETECTED, WIDTH]) * np.sqrt(
            versions[row, AS_DETECTED, HEIGHT]
        )  # the product of specks is 0
        shares = max(1.0 / NEAR, 1.0 / count[track]), max(1.0 / FAR, 1.0 / count[track])
        confidence = past[track, NEWEST, CONFIDENCE]
        for place in range(len(STRETCHES)):
            for side in range(4):
                column = 4 * place + side
                step = (versions[row, place + 1, side] - versions[row, place, side]) / size
                lengths[row, 0, column] = abs(step) + LEAST
                if side >= WIDTH:
                    x[row, ONLINE.signed + 2 * place + side - WIDTH] = min(max(CLEAR * step, -2.0), 2.0)
                away = abs(versions[row, place + 1, side] - versions[row, AS_DETECTED, side]) / size
                for span in range(2):
                    noise[track, span, column] += shares[span] * (away - noise[track, span, column])
                    lengths[row, 1 + span, column] = noise[track, span, column] + LEAST
        noise[track, SHORT, NOISE.confidence] += shares[SHORT] * (confidence - noise[track, SHORT, NOISE.confidence])
        x[row, ONLINE.confidence] = confidence
        x[row, ONLINE.confidence_around] = noise[track, SHORT, NOISE.confidence]
        x[row, ONLINE.observations] = np.log(min(float(count[track]), LONGEST))
        since = past[track, NEWEST, FRAME] - past[track, NEWEST + 1, FRAME]
        x[row, ONLINE.before] = np.log(max(min(since, LONGEST), 1.0))
        x[row, ONLINE.aspect] = np.log(versions[row, AS_DETECTED, WIDTH] / versions[row, AS_DETECTED, HEIGHT])
        x[row, ONLINE.frame_rate] = np.log(frame_rate)
    logarithms(lengths.reshape(-1))
    for row in range(len(tracks)):
        for column in range(DISTANCES):
            x[row, ONLINE.steps + column] = lengths[row, 0, column] + SHIFT
            for span in range(2):
                x[row, ONLINE.usual + span * DISTANCES + column] = lengths[row, 1 + span, column] + SHIFT
    return x
