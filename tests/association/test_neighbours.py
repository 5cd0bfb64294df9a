"""Compiled neighbours against plain numpy."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as some

from gnntrack.association import neighbours


@given(some.integers(1, 9), some.integers(1, 5), some.integers(0, 50))
def test_neighbours_are_the_nearest(number, count, seed):
    box = np.column_stack([np.random.default_rng(seed).uniform(0, 99, (number, 2)), np.full((number, 2), 10.0)])
    pairs, relations = neighbours.neighbours(box, count)
    kept = min(count, number - 1)
    assert pairs.shape == (2, number * kept) and len(relations) == number * kept
    apart = np.linalg.norm(box[:, None, :2] - box[None, :, :2], axis=2) + np.diag(np.full(number, np.inf))
    for here in range(number):
        np.testing.assert_array_equal(pairs[0, pairs[1] == here], apart[here].argsort()[:kept])
