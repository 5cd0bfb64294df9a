"""Every feature by which boxes are smoothed, by name, against plain arithmetic that is written down here again.

Two tracks; the second misses frames 3 and 4, of which 4 was interpolated::

    frame      1  2  3  4  5  6  7  8  9
    track 1    ●  ●  ●  ●  ●  ●  ●  ●  ●
    track 2       ●     ○  ●     ●
"""

from __future__ import annotations

from itertools import pairwise
from math import exp, log, sqrt

import numpy as np
import pytest

from gnntrack.association.histories import Histories
from gnntrack.smoothing.feature_columns import (
    NOISE_COLUMNS,
    OFFLINE_FEATURES,
    OFFLINE_NAMES,
    ONLINE_FEATURES,
    ONLINE_NAMES,
)
from gnntrack.smoothing.features import Smoothed, smoothed
from gnntrack.smoothing.online_features import newest_features, newest_versions

RATE = 25.0
WIDTHS = (0.7, 1.25, 2.5, 5.0, 10.0, 20.0)
SIDES = ("across", "along", "width", "height")
Box = tuple[float, float, float, float]


def box(track: int, frame: int) -> Box:
    wobble = (7 * frame + 3 * track) % 5 - 2
    width = 30.0 + wobble + 4 * (frame == 6)
    return 100.0 * track + 3 * frame + wobble, 200 - frame + 0.5 * wobble, width, 60.0 - 2 * wobble


FRAMES = {1: [*range(1, 10)], 2: [2, 4, 5, 7]}
ROWS = [(track, frame) for track, frames in FRAMES.items() for frame in frames]


def confidence(track: int, frame: int) -> float:
    return 0.5 + 0.04 * frame - 0.1 * (track - 1)


def found(track: int, frame: int) -> bool:
    return (track, frame) != (2, 4)


def weight(track: int, frame: int) -> float:
    return (confidence(track, frame) if found(track, frame) else 0.0) + 0.05


def on_line(track: int, frame: int, frames: list[int], width: float) -> list[float]:
    """Where a weighted least squares line through the boxes around is, its slope pulled to 0, within bounds."""
    here = box(track, frame)
    near = [other for other in frames if abs(other - frame) <= 3 * width]
    share = {other: weight(track, other) * exp(-0.5 * ((other - frame) / width) ** 2) for other in near}
    number = sum(share.values())
    middle = sum(share[other] * (other - frame) for other in near) / number
    spread = sum(share[other] * (other - frame - middle) ** 2 for other in near) + 0.5 * number
    result = []
    for side in range(4):
        mean = sum(share[other] * box(track, other)[side] for other in near) / number
        away = {other: box(track, other)[side] - mean for other in near}
        slope = sum(share[other] * (other - frame - middle) * away[other] for other in near) / spread
        shift = mean - slope * middle - here[side]
        size = here[2 + side % 2]
        lowest = -size if side < 2 else -0.7 * size
        result.append(here[side] + min(max(shift, lowest), size))
    return result


def versions(track: int, frame: int, frames: list[int]) -> list[list[float]]:
    return [list(box(track, frame)), *(on_line(track, frame, frames, width) for width in WIDTHS)]


def scale(track: int, frame: int) -> float:
    return sqrt(box(track, frame)[2] * box(track, frame)[3])


def bent(length: float) -> float:
    return log(length + 0.003) + 3.0


def steps(made: list[list[float]], size: float) -> dict[str, float]:
    """Between one version and the next: lengths, and with their signs those of the sizes."""
    step = [[(after[side] - before[side]) / size for side in range(4)] for before, after in pairwise(made)]
    expected = {
        f"step {name}, stretch {width:g}": bent(abs(step[place][side]))
        for place, width in enumerate(WIDTHS)
        for side, name in enumerate(SIDES)
    }
    return expected | {
        f"signed step {SIDES[side]}, stretch {width:g}": min(max(20 * step[place][side], -2.0), 2.0)
        for place, width in enumerate(WIDTHS)
        for side in (2, 3)
    }


def same(values: np.ndarray, names: tuple[str, ...], expected: dict[str, float]) -> None:
    """Feature by feature, so that a failure says its name."""
    assert list(expected) == list(names)
    assert dict(zip(names, values.tolist(), strict=True)) == pytest.approx(expected, rel=2e-5, abs=2e-6)


def test_every_column_has_a_name() -> None:
    assert (len(OFFLINE_NAMES), len(set(OFFLINE_NAMES))) == (OFFLINE_FEATURES,) * 2
    assert (len(ONLINE_NAMES), len(set(ONLINE_NAMES))) == (ONLINE_FEATURES,) * 2


@pytest.fixture(scope="module")
def made_by_code() -> Smoothed:
    """What the code makes of the scene."""
    return smoothed(
        np.array([box(*row) for row in ROWS]),
        np.array([frame for _, frame in ROWS]),
        np.array([confidence(*row) for row in ROWS]),
        np.array([found(*row) for row in ROWS]),
        np.array([0, 9, 13]),
        RATE,
    )


@pytest.mark.parametrize("row", range(len(ROWS)))
def test_offline(made_by_code: Smoothed, row: int) -> None:
    track, frame = ROWS[row]
    frames = FRAMES[track]
    made = versions(track, frame, frames)
    np.testing.assert_allclose(made_by_code.versions[row], made, rtol=1e-9)

    def around(values: dict[int, float], width: float) -> float:
        near = [other for other in frames if abs(other - frame) <= 3 * width]
        share = {other: exp(-0.5 * ((other - frame) / width) ** 2) for other in near}
        return sum(share[other] * values[other] for other in share) / sum(share.values())

    expected = steps(made, scale(track, frame))
    for span, stretch in (("near", 5.0), ("far", 30.0)):
        for place, width in enumerate(WIDTHS):
            for side, name in enumerate(SIDES):
                away = {
                    other: abs(version[place + 1][side] - version[0][side]) / scale(track, other)
                    for other in frames
                    for version in [versions(track, other, frames)]
                }
                expected[f"usual distance {name}, stretch {width:g}, {span}"] = bent(around(away, stretch))
    same(
        made_by_code.features[row],
        OFFLINE_NAMES,
        expected
        | {
            "confidence": confidence(track, frame),
            "detected": float(found(track, frame)),
            "confidence around": around({other: confidence(track, other) for other in frames}, 5.0),
            "detected around": around({other: float(found(track, other)) for other in frames}, 5.0),
            "log frames since the track began": log(1 + frame - frames[0]),
            "log frames until the track ends": log(1 + frames[-1] - frame),
            "log aspect": log(box(track, frame)[2] / box(track, frame)[3]),
            "log frame rate": log(RATE),
        },
    )


def test_online() -> None:
    """Frame by frame, knowing the past alone; the usual distances are running means."""
    for track, listed in FRAMES.items():
        histories = Histories(NOISE_COLUMNS)
        running: dict[tuple[str, int, int], float] = {}
        mean_confidence = 0.0
        frames = [frame for frame in listed if found(track, frame)]
        for count, frame in enumerate(frames, 1):
            detections = np.array([[*box(track, frame), frame, confidence(track, frame)]])
            if count == 1:
                histories.add(detections, np.zeros(2))
            else:
                histories.extend(np.array([0]), detections, np.zeros(2))
            which, past = np.array([0]), frames[:count]
            made = newest_versions(histories.observations, histories.count, which)
            plain = versions(track, frame, past)
            np.testing.assert_allclose(made[0], plain, rtol=1e-9)
            values = newest_features(histories.observations, histories.count, histories.noise, which, made, RATE)
            expected = steps(plain, scale(track, frame))
            for span, longest in (("near", 5.0), ("far", 30.0)):
                share = max(1 / longest, 1 / count)
                for place, width in enumerate(WIDTHS):
                    for side, name in enumerate(SIDES):
                        away = abs(plain[place + 1][side] - plain[0][side]) / scale(track, frame)
                        before = running.get((span, place, side), 0.0)
                        running[span, place, side] = before + share * (away - before)
                        expected[f"usual distance {name}, stretch {width:g}, {span}"] = bent(running[span, place, side])
            mean_confidence += max(1 / 5, 1 / count) * (confidence(track, frame) - mean_confidence)
            since = frame - past[-2] if count > 1 else 1
            expected |= {
                "confidence": confidence(track, frame),
                "confidence around": mean_confidence,
                "log observations": log(count),
                "log frames since the one before": log(max(since, 1)),
                "log aspect": log(box(track, frame)[2] / box(track, frame)[3]),
                "log frame rate": log(RATE),
            }
            same(values[0], ONLINE_NAMES, expected)
