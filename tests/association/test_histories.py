"""What is remembered of tracks."""

from __future__ import annotations

import numpy as np

from gnntrack.association.histories import COLUMNS, LENGTH, Histories


def detections(*rows: tuple[float, float]) -> np.ndarray:
    """Observations ``(x, frame)`` of boxes of one size."""
    return np.array([(x, 50.0, 20.0, 40.0, frame, 0.9) for x, frame in rows])


def test_newest_first_and_bounded():
    """One track is seen in 100 frames, another only in the first.

    frame    1  2  3 … 100
    track 0  ■  ■  ■ … ■
    track 1  ■
    """
    histories = Histories()
    histories.add(detections((10, 1), (500, 1)), np.zeros(2))
    for frame in range(2, 101):
        histories.extend(np.array([0]), detections((10 + frame, frame)), np.zeros(2))
    assert histories.observations.shape == (2, LENGTH, COLUMNS)
    np.testing.assert_array_equal(histories.observations[0, :, 4], np.arange(100, 100 - LENGTH, -1))
    np.testing.assert_array_equal(histories.observations[1, :, 0], 500)
    assert histories.count.tolist() == [100, 1]


def test_steady_motion_does_not_surprise():
    histories = Histories()
    histories.add(detections((0, 1), (0, 1)), np.zeros(2))
    rng = np.random.default_rng(0)
    for frame in range(2, 40):
        both = detections((5 * frame, frame), (5 * frame + rng.normal(0, 8), frame))
        histories.extend(np.array([0, 1]), both, np.zeros(2))
    assert histories.prediction_error[0] < 0.03 < histories.prediction_error[1]


def test_keep_forgets_the_others():
    histories = Histories()
    histories.add(detections((1, 1), (2, 1), (3, 1)), np.ones(2))
    histories.keep(np.array([True, False, True]))
    assert histories.newest[:, 0].tolist() == [1, 3]
    assert len(histories) == len(histories.camera) == len(histories.prediction_error) == 2
