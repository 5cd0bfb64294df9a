"""Two who overlap become one box, as with poor detectors."""

from __future__ import annotations

import numpy as np
import pytest

from gnntrack.training.augmentation import Boxes
from gnntrack.training.merging import merge

FRAMES = 40
BEHIND, FRONT, ALONE, FALSE = (0.0, 0, 30, 80), (12.0, 4, 30, 80), (200.0, 0, 30, 80), (196.0, 2, 30, 80)


def clip(*rows: tuple[float, float, float, float], identity: tuple[int, ...]) -> Boxes:
    """The same boxes in every frame."""
    count = len(rows)
    frame = np.repeat(np.arange(1, FRAMES + 1), count)
    return Boxes(np.tile(rows, (FRAMES, 1)), frame, np.full(len(frame), 0.9), np.tile(identity, FRAMES))


@pytest.mark.parametrize("seed", range(8))
def test_who_is_in_front_gets_the_box_around_both(seed):
    """::

    ┌────┐
    │ 0┌─┼──┐      ┌────┐        0 and 1 overlap, 1 ends farther down; 2 stands alone
    │  │ │1 │      │  2 │
    └──┼─┘  │      └────┘
       └────┘
    """
    both = clip(BEHIND, FRONT, ALONE, identity=(0, 1, 2))
    merged = merge(both, np.random.default_rng(seed))
    detections = np.bincount(merged.identity, minlength=3)
    assert detections[1] == detections[2] == FRAMES
    np.testing.assert_array_equal(merged.box[merged.identity == 2], both.box[both.identity == 2])
    hidden = np.setdiff1d(np.arange(1, FRAMES + 1), merged.frame[merged.identity == 0])
    one = merged.box[merged.identity == 1]
    wide = np.flatnonzero(one[:, 0] < FRONT[0]) + 1
    np.testing.assert_array_equal(hidden, wide)
    assert (one[:, 0] >= BEHIND[0]).all()
    np.testing.assert_allclose(one[:, :2] + one[:, 2:], [[FRONT[0] + FRONT[2], FRONT[1] + FRONT[3]]] * FRAMES)


def test_some_merge_for_some_frames_at_a_time():
    hidden = []
    for seed in range(20):
        merged = merge(clip(BEHIND, FRONT, identity=(0, 1)), np.random.default_rng(seed))
        there = np.isin(np.arange(1, FRAMES + 1), merged.frame[merged.identity == 0])
        hidden.append(1 - there.mean())
        assert np.abs(np.diff(there.astype(int))).sum() <= FRAMES / 2  # not in every other frame
    assert min(hidden) < 0.5 < max(hidden)


def test_false_positives_and_strangers_stay():
    apart = clip(BEHIND, ALONE, FALSE, identity=(0, 1, -1))
    for seed in range(8):
        merged = merge(apart, np.random.default_rng(seed))
        np.testing.assert_array_equal(merged.box, apart.box)


def test_nothing_gives_nothing():
    empty = Boxes(np.zeros((0, 4)), np.zeros(0, dtype=int), np.zeros(0), np.zeros(0, dtype=int))
    assert len(merge(empty, np.random.default_rng(0)).box) == 0


def test_embeddings_go_along():
    both = clip(BEHIND, FRONT, identity=(0, 1))
    embeddings = np.eye(2)[both.identity]
    merged = merge(Boxes(both.box, both.frame, both.conf, both.identity, embeddings), np.random.default_rng(0))
    np.testing.assert_array_equal(merged.embeddings, np.eye(2)[merged.identity])
