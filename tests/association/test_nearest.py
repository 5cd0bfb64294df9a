"""The nearest partners are those of a table of all pairs, in crowds of every kind, ties included."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from gnntrack.association.nearest import candidate_links
from gnntrack.association.nearest_few import nearest_boxes
from tests.association import all_pairs

#: Where boxes lie: evenly, on few places (equal distances), in heaps, far out, all at one place, on a line.
KINDS = ("even", "grid", "heaps", "far", "one place", "line")


def places(kind: str, count: int, rng: np.random.Generator) -> np.ndarray:
    """Centres ``(count, 2)``."""
    if kind == "grid":
        return rng.integers(0, 4, (count, 2)) * 16.0
    if kind == "heaps":
        return rng.uniform(0, 1000, (3, 2))[rng.integers(0, 3, count)] + rng.normal(0, 5, (count, 2))
    if kind == "far":
        return rng.uniform(-1e6, 1e6, (count, 2))
    if kind == "one place":
        return np.full((count, 2), 7.0)
    return rng.uniform(0, 1000, (count, 2)) * [1.0, 0.0 if kind == "line" else 1.0]


def frame(seed: int) -> tuple:
    """The arguments of :func:`candidate_links`: some tracks, some lost for long, and detections."""
    rng = np.random.default_rng(seed)
    kind, most = KINDS[seed % len(KINDS)], int(rng.integers(5, 8))
    tracks, found = (int(rng.integers(1, rng.choice([3, 20, 60]))) for _ in range(2))
    newest, detections = np.ones((tracks, 6)), np.ones((found, 6))
    newest[:, :2], detections[:, :2] = places(kind, tracks, rng), places(kind, found, rng)
    sizes = (
        rng.choice([1e-300, 1e-3, 8.0, 32.0], tracks, p=[0.02, 0.03, 0.15, 0.8])
        if seed % 3
        else rng.uniform(2, 90, tracks)
    )
    newest[:, 3] = sizes
    predicted = np.repeat(newest[:, None, :4], 4, axis=1)
    if kind != "one place":
        predicted[:, :, :2] += rng.integers(-2, 3, (tracks, 4, 2)) * 16.0
    gap = rng.choice([1.0, 1.0, 2.0, 60.0], tracks)
    kinds = int(rng.choice([1, 1, 3]))
    groups = rng.integers(0, kinds, tracks).astype(float), rng.integers(0, kinds, found).astype(float)
    return newest, predicted, gap, detections, groups, int(rng.integers(1, most + 1)), most


def check(seed: int) -> None:
    arguments = frame(seed)
    found, expected = candidate_links(*arguments), all_pairs.candidate_links(*arguments)
    for name, values, wanted in zip(found._fields, found, expected, strict=True):
        np.testing.assert_array_equal(values, wanted, err_msg=f"{name}, seed {seed}")


@pytest.mark.parametrize("kind", range(len(KINDS)), ids=KINDS)
def test_candidates_of_crowds(kind):
    for seed in range(kind, 300, len(KINDS)):
        check(seed)


@given(some.integers(1000, 10**9))
def test_candidates_of_any_crowd(seed):
    check(seed)


def test_no_neighbours_of_one_box_or_none():
    assert nearest_boxes(np.zeros((1, 4)), 2).place.tolist() == [[-1, -1]]
    assert nearest_boxes(np.zeros((0, 4)), 2).place.shape == (0, 2)


@settings(max_examples=200)
@given(some.integers(0, 10**9), some.integers(1, 5), some.integers(1, 40))
def test_neighbours_of_any_crowd(seed, count, number):
    rng = np.random.default_rng(seed)
    box = np.ones((number, 4))
    box[:, :2] = places(KINDS[seed % len(KINDS)], number, rng)
    found = nearest_boxes(box, count).place
    expected = all_pairs.nearest_boxes(box, count)
    assert [row[: len(expected[0])] for row in found.tolist()] == expected
