"""How the camera moves: by hand."""

from __future__ import annotations

import numpy as np
import pytest

from gnntrack.geometry.camera import camera_step

#: Centre x, centre y, width, height, frame, confidence.
NEWEST = np.array(
    [[1000.0, 50, 20, 40, 1, 1.0], [300, 60, 20, 40, 1, 1.0], [500, 70, 20, 40, 1, 1.0], [700, 80, 20, 40, 1, 1.0]]
)


def moved(steps: list[tuple[float, float]]) -> np.ndarray:
    detections = NEWEST[: len(steps)].copy()
    detections[:, :2] += steps
    return detections


def test_the_median_of_three_is_enough() -> None:
    steps = [(5.0, -2.0), (7.0, 3.0), (-1.0, -4.0)]
    assert camera_step(NEWEST[:3], moved(steps)).tolist() == [5.0, -2.0]


def test_two_tracks_say_nothing() -> None:
    assert camera_step(NEWEST[:2], moved([(5.0, 1.0), (5.0, 1.0)])).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(("step", "camera"), [(39.0, [6.0, 0.0]), (40.0, [4.0, 0.0])])
def test_a_detection_a_height_away_is_another_object(step: float, camera: list[float]) -> None:
    """Of the first track, at x = 1000; what it moved by counts below its height of 40 pixels."""
    steps = [(step, 0.0), (4.0, 0.0), (4.0, 0.0), (8.0, 0.0)]
    expected = float(np.median([step, 4, 4, 8])) if step < 40 else 4.0
    assert camera_step(NEWEST, moved(steps)).tolist() == [expected, 0.0] == camera


def test_width_does_not_tell_but_height_does() -> None:
    """Two detections near a track: the one of its height is taken, whatever its width."""
    detections = np.concatenate([moved([(6.0, 0.0)] * 3), moved([(0.0, 0.0)] * 3)])
    detections[:3, 2] = 90
    detections[3:, 3] += 20
    assert camera_step(NEWEST[:3], detections).tolist() == [6.0, 0.0]
