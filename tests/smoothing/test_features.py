"""Versions of boxes: bounded, of one track only, less noisy; features that neither scale nor mirror changes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from gnntrack.smoothing.feature_columns import OFFLINE_FEATURES, STRETCHES
from gnntrack.smoothing.features import SMALLEST, VERSIONS, Smoothed, smoothed


def walk(frames: int = 60, noise: float = 0.0, seed: int = 0) -> np.ndarray:
    """Someone who walks to the right, box by box ``(frames, 4)``."""
    time = np.arange(frames)
    box = np.column_stack([100.0 + 3 * time, 200.0 + 0 * time, 40.0 + 0 * time, 90.0 + 0.1 * time])
    return box + np.random.default_rng(seed).normal(0, noise, box.shape)


def made(box: np.ndarray, edges: list[int] | None = None, confidence: np.ndarray | None = None) -> Smoothed:
    edges = edges or [0, len(box)]
    frame = np.concatenate([np.arange(stop - first) for first, stop in pairwise(edges)])
    sure = np.full(len(box), 0.9) if confidence is None else confidence
    return smoothed(box, frame, sure, np.ones(len(box), dtype=bool), np.array(edges), 25.0)


def test_even_motion_stays():
    box = walk()
    versions, features = made(box)
    assert versions.shape == (60, VERSIONS, 4) and features.shape == (60, OFFLINE_FEATURES)
    np.testing.assert_allclose(versions, np.repeat(box[:, None], VERSIONS, 1), atol=3.0)
    middle = slice(25, 35)  # at the ends the pull towards standing shows
    np.testing.assert_allclose(versions[middle, :-2], np.repeat(box[middle, None], VERSIONS - 2, 1), atol=1e-6)


def test_wider_lines_are_less_noisy():
    versions, _ = made(walk(noise=4.0))
    off = np.abs(versions - walk()[:, None])[15:-15].mean((0, 2))
    assert (np.diff(off) < 0).all()
    assert off[-1] < 0.3 * off[0]


def test_unsure_boxes_count_less():
    """One box jumps aside; its neighbours follow it the less, the less sure it is."""
    box = walk()
    box[30, 0] += 30.0
    confidence = np.full(60, 0.9)
    sure = made(box, confidence=confidence).versions[31, 3, 0]
    confidence[30] = 0.1
    unsure = made(box, confidence=confidence).versions[31, 3, 0]
    assert walk()[31, 0] < unsure < sure


@given(some.integers(0, 99))
def test_tracks_do_not_touch(seed):
    one, other = walk(noise=5.0, seed=seed), walk(31, noise=5.0, seed=seed + 1) + np.array([300, 0, 0, 0])
    both = made(np.concatenate([one, other]), [0, 60, 91])
    for name in ("versions", "features"):
        apart = np.concatenate([getattr(made(one), name), getattr(made(other), name)])
        np.testing.assert_allclose(getattr(both, name), apart, rtol=1e-5, atol=1e-6)


@given(some.integers(0, 99), some.floats(0.1, 20))
def test_scale_and_mirror_do_not_matter(seed, scale):
    box = walk(noise=5.0, seed=seed)
    box[:, 2:] = np.maximum(box[:, 2:], 5.0)
    mirrored = box * [-1, 1, 1, 1]
    np.testing.assert_allclose(made(scale * box).features, made(box).features, atol=1e-4)
    np.testing.assert_allclose(made(mirrored).features, made(box).features, atol=1e-4)
    np.testing.assert_allclose(made(mirrored).versions, made(box).versions * [-1, 1, 1, 1], atol=1e-6)


@given(some.integers(0, 99), some.integers(1, 40))
def test_versions_stay_boxes_near_the_box(seed, count):
    rng = np.random.default_rng(seed)
    box = np.column_stack([rng.uniform(-1e6, 1e6, (count, 2)), rng.uniform(1e-3, 1e5, (count, 2))])
    versions, features = made(box)
    assert np.isfinite(versions).all() and np.isfinite(features).all()
    size = np.tile(box[:, 2:], 2)[:, None]
    assert (np.abs(versions - box[:, None]) <= size * (1 + 1e-6)).all()
    assert (versions[:, :, 2:] >= SMALLEST * box[:, None, 2:] * (1 - 1e-6)).all()


@pytest.mark.parametrize("count", [0, 1])
def test_very_short(count):
    versions, features = made(walk(count))
    assert versions.shape == (count, len(STRETCHES) + 1, 4)
    assert features.shape == (count, OFFLINE_FEATURES)
    np.testing.assert_allclose(versions, np.repeat(walk(count)[:, None], VERSIONS, 1))
