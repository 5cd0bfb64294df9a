"""Compiled overlaps against plain numpy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from gnntrack.geometry import iou
from gnntrack.geometry.compiled_boxes import overlap_of


def corners(centred: np.ndarray) -> np.ndarray:
    return np.concatenate([centred[..., :2] - centred[..., 2:4] / 2, centred[..., 2:4]], axis=-1)


@given(some.integers(0, 50))
def test_overlap_is_that_of_all_other_code(seed):
    rng = np.random.default_rng(seed)
    a, b = np.column_stack([rng.uniform(0, 50, (2, 2)), rng.uniform(5, 40, (2, 2))])
    shared, generalised = overlap_of(a[None], 0, b[None], 0)
    assert shared == pytest.approx(iou(corners(a)[None], corners(b)[None])[0])
    assert -1 <= generalised <= shared
