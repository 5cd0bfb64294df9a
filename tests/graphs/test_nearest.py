"""The search for nearest boxes equals a table of all distances, equal ones included."""

from __future__ import annotations

import numpy as np
import pytest

from gnntrack.graphs.nearest import nearest_pairs


def of_table(centre, layer, gaps, count, farthest):
    """Every box with every other, by distance and then by position."""
    distance = np.square(centre[:, None] - centre[None]).sum(-1)
    pairs = set()
    for one in range(len(centre)):
        for gap in range(gaps[0], gaps[1] + 1):
            for sign in (1, -1) if gap else (1,):
                others = np.flatnonzero(layer == layer[one] + sign * gap)
                others = others[(others != one) & (distance[one, others] <= farthest**2)]
                for other in others[np.argsort(distance[one, others], kind="stable")[:count]]:
                    pairs.add((one, int(other)) if sign > 0 else (int(other), one))
    return pairs


@pytest.mark.parametrize("gaps", [(1, 3), (0, 0)])
@pytest.mark.parametrize("seed", range(6))
def test_nearest_equal_a_table_of_all(seed, gaps):
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, 90))
    # whole pixels of a small image: many distances are equal, and some boxes lie upon each other
    centre, layer = rng.integers(0, 12, (size, 2)).astype(float), rng.integers(0, 8, size)
    count, farthest = int(rng.integers(1, 5)), float(rng.integers(2, 20))
    one, near = nearest_pairs(centre, layer, gaps, count, farthest)
    found = set(zip(one.tolist(), near.tolist(), strict=True))
    assert found == of_table(centre, layer, gaps, count, farthest)


def test_nothing_is_near_nothing():
    one, near = nearest_pairs(np.zeros((0, 2)), np.zeros(0, dtype=int), (1, 4), 3, 10.0)
    assert len(one) == len(near) == 0
