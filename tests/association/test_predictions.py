"""Where tracks are expected, against plain numpy."""

from __future__ import annotations

import numpy as np
import pytest

from gnntrack.association import predictions


def test_lines_are_least_squares():
    """Boxes with noise, one every second frame: the lines are those of numpy's, but for the pull towards standing."""
    rng = np.random.default_rng(0)
    past = np.zeros((1, 32, 6))
    past[0, :, 4] = 100 - 2.0 * np.arange(32)
    past[0, :, :2] = 3.0 * past[0, :, 4:5] + rng.normal(0, 1, (32, 2))
    past[0, :, 2:4] = 40.0
    predicted = predictions.predictions(past, np.array([32]), np.array([3.0]))
    for place, fitted in enumerate(predictions.FITTED):
        age, x = past[0, :fitted, 4] - 100, past[0, :fitted, 0]
        line = np.polyval(np.polyfit(age, x, 1), 3.0)
        assert predicted[0, place, 0] == pytest.approx(line, abs=0.5)
        assert predicted[0, place, 3] == pytest.approx(40.0)


def test_a_track_of_one_box_stays():
    past = np.repeat(np.array([[[10.0, 20, 4, 8, 5, 0.9]]]), 32, axis=1)
    predicted = predictions.predictions(past, np.array([1]), np.array([7.0]))
    np.testing.assert_allclose(predicted, np.broadcast_to([10.0, 20, 4, 8], (1, 4, 4)))
