"""Changed windows stay windows."""

from __future__ import annotations

import numpy as np
import pytest

from gnntrack.models import AugmentationSettings
from gnntrack.training.augmentation import Boxes, augment
from tests.conftest import random_boxes

NOTHING = AugmentationSettings(flip=0, jitter=0, drift=0, pan=0, doubt=0, drop=0, drop_run=0, spurious=0, skip=1)


def boxes(seed=0):
    box, frame = random_boxes(seed, frames=10, per_frame=6)
    return Boxes(box, frame, np.ones(len(box)), np.tile(np.arange(6), 10))


def change(seed=0, **settings):
    return augment(boxes(), 640, NOTHING.model_copy(update=settings), np.random.default_rng(seed))


def test_nothing_changes_nothing():
    changed = change()
    np.testing.assert_array_equal(changed.box, boxes().box)
    np.testing.assert_array_equal(changed.identity, boxes().identity)


def test_flip_mirrors():
    np.testing.assert_allclose(change(flip=1.0).box[:, 0], 640 - boxes().box[:, 0] - boxes().box[:, 2])


def test_occlusion_hides_one_run_of_an_identity():
    changed = change(drop_run=1.0)
    for name in range(6):
        missing = np.setdiff1d(np.arange(1, 11), changed.frame[changed.identity == name])
        assert len(missing)
        assert (np.diff(missing) == 1).all()


def test_spurious_boxes_have_no_identity():
    changed = change(seed=2, spurious=1.0)
    added = len(changed.box) - len(boxes().box)
    assert added > 0
    assert (changed.identity == -1).sum() == added
    assert (np.diff(changed.frame) >= 0).all()


def test_camera_moves_a_frame_as_one():
    for seed in range(8):  # every second window, at random, has a still camera
        move = (change(seed=seed, pan=0.1).box - boxes().box)[:, :2]
        by_frame = move.reshape(10, 6, 2)
        np.testing.assert_allclose(by_frame, np.broadcast_to(by_frame[:, :1], by_frame.shape), atol=1e-9)
        if np.abs(move).max() > 0:
            return
    pytest.fail("the camera never moved")


def test_a_poor_detector_errs_mostly_across():
    errors = []
    for seed in range(40):
        rough, box = change(seed=seed, rough=1.0).box, boxes().box
        assert (rough[:, 2:] > 0).all()
        middle = (rough[:, :2] + 0.5 * rough[:, 2:] - box[:, :2] - 0.5 * box[:, 2:]) / box[:, 2:]
        errors.append(np.column_stack([middle, np.log(rough[:, 2:] / box[:, 2:])]))
    spread = np.abs(np.concatenate(errors)).mean(0)
    assert spread[0] > 1.5 * spread[1] > 0
    assert spread[2] > 1.5 * spread[3] > 0
    assert np.abs(np.concatenate(errors)).max() <= 0.6 + 1e-9


@pytest.mark.parametrize("seed", range(10))
def test_everything_at_once_is_valid(seed):
    changed = augment(boxes(seed), 640, AugmentationSettings(), np.random.default_rng(seed))
    assert np.isfinite(changed.box).all()
    assert (changed.box[:, 2:] > 0).all()
    assert ((changed.conf >= 0) & (changed.conf <= 1)).all()
    assert (np.diff(changed.frame) >= 0).all()
    assert len(changed.box) == len(changed.frame) == len(changed.conf) == len(changed.identity)


def test_drift_is_smooth_and_each_has_its_own():
    """Centres move by a constant step that differs between identities; sizes grow by a constant factor."""
    still = Boxes(np.tile([300.0, 200, 40, 100], (60, 1)), boxes().frame, boxes().conf, boxes().identity)
    changed = augment(still, 640, NOTHING.model_copy(update={"drift": 0.05}), np.random.default_rng(0))
    steps = []
    for name in range(6):
        one = changed.box[changed.identity == name]
        growth = one[1:, 2] / one[:-1, 2]
        np.testing.assert_allclose(growth, growth[0])
        move = np.diff(one[:, :2] + one[:, 2:] / 2, axis=0)
        np.testing.assert_allclose(move, np.tile(move[0], (9, 1)), atol=1e-9)
        steps.append(move[0, 0])
    assert len(set(np.round(steps, 6))) == 6


def test_nothing_left():
    empty = boxes().take(np.zeros(0, dtype=int))
    assert len(augment(empty, 640, AugmentationSettings(), np.random.default_rng(0)).box) == 0
