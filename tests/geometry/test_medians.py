from __future__ import annotations

import numpy as np
import pytest

from gnntrack.geometry.medians import median_of


@pytest.mark.parametrize("count", [1, 2, 7, 60, 61, 200])
def test_it_is_numpys(count):
    """Few and many, which are put in order in two ways; with ties, and with rows that do not count."""
    rng = np.random.default_rng(count)
    for _ in range(20):
        table = np.round(rng.normal(size=(count + 3, 2)), 1)
        assert median_of(table, 1, count) == np.median(table[:count, 1])
