"""Links and what else their ends could have had, against a table of all."""

from __future__ import annotations

import numpy as np
import pytest

from gnntrack.association.rivals import clear_of_rivals, margins


def by_table(ends: np.ndarray, probability: np.ndarray, chosen: np.ndarray) -> list[float]:
    result = []
    for link in chosen.tolist():
        others = [
            probability[other]
            for other in range(len(probability))
            if other != link and (ends[:, other] == ends[:, link]).any()
        ]
        result.append(probability[link] - max([0.0, *others]))
    return result


@pytest.mark.parametrize("seed", range(6))
def test_margins_against_a_table(seed):
    rng = np.random.default_rng(seed)
    cells = rng.random((7, 9)) < 0.4
    ends = np.stack(cells.nonzero())
    probability = rng.random(ends.shape[1]).round(1)  # some are equal
    chosen = rng.permutation(ends.shape[1])[:12]
    np.testing.assert_allclose(margins(ends, probability, chosen), by_table(ends, probability, chosen))


def test_nothing_is_chosen():
    assert margins(np.array([[0], [0]]), np.array([0.5]), np.zeros(0, dtype=int)).tolist() == []


def test_one_of_two_alike_is_not_clear():
    ends, chosen = np.array([[0, 1, 2], [0, 0, 1]]), np.array([True, False, True])
    probability = np.array([0.5, 0.5, 0.3])
    assert clear_of_rivals(ends, probability, chosen, 0.0).tolist() == [True, False, True]
    assert clear_of_rivals(ends, probability, chosen, 0.1).tolist() == [False, False, True]
    assert clear_of_rivals(ends, probability, chosen, 0.4).tolist() == [False, False, False]
