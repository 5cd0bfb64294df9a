"""Assignment is exact: it gains as much as scipy's on the table of all tracks and detections."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as some
from scipy.optimize import linear_sum_assignment

from gnntrack.association.assignment import LEAST, assign


@given(some.integers(1, 12), some.integers(1, 12), some.floats(0.1, 1.0), some.integers(0, 10**6))
def test_gains_as_much_as_scipy(tracks, detections, share, seed):
    rng = np.random.default_rng(seed)
    links = np.stack(np.nonzero(rng.random((tracks, detections)) < share))
    probability = rng.random(links.shape[1]) if seed % 2 else rng.integers(0, 5, links.shape[1]) / 4
    chosen = assign(links, probability, 1e-9)
    assert len(set(links[0, chosen])) == len(set(links[1, chosen])) == len(chosen)
    assert (np.diff(chosen) > 0).all() and (probability[chosen] > LEAST).all()
    gain = np.zeros((tracks, detections))
    gain[tuple(links)] = np.where(probability > LEAST, probability, 0.0)
    best = gain[linear_sum_assignment(gain, maximize=True)].sum()
    assert np.isclose(probability[chosen].sum(), best)


def test_nothing_to_choose():
    assert assign(np.zeros((2, 0), dtype=np.int64), np.zeros(0), 0.5).tolist() == []


def test_an_end_without_enough_probability_gets_no_partner():
    links = np.array([[0, 0, 1], [0, 1, 2]])
    assert assign(links, np.array([0.2, 0.2, 0.25]), 0.3).tolist() in ([0], [1])
