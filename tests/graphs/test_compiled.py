"""Compiled loops."""

from __future__ import annotations

import math

import numba
import numpy as np

from gnntrack.graphs.compiled import compiled


def shares(values: np.ndarray) -> np.ndarray:
    return values / values.sum()


def test_division_by_zero_is_numpy_s():
    assert math.isnan(compiled(shares)(np.zeros(2))[0])


def test_where_no_cache_can_be_written_it_works_all_the_same(monkeypatch):
    njit, asked = numba.njit, []

    def no_cache(function, cache=False, **options):
        asked.append(cache)
        if cache:
            raise RuntimeError("cannot cache function 'shares': no locator available")
        return njit(function, **options)

    monkeypatch.setattr(numba, "njit", no_cache)
    np.testing.assert_array_equal(compiled(shares)(np.array([1.0, 3.0])), [0.25, 0.75])
    assert asked == [True, False]
