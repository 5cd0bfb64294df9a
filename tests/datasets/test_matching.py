"""Identities of detections: frame by frame, and over several frames."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as some

from gnntrack.datasets import matching
from gnntrack.datasets.matching import follow_identities, match_identities
from gnntrack.sequence import Sequence
from tests.conftest import random_boxes


def sequence(rows, columns="frame id x y w h conf"):
    table = pd.DataFrame(rows, columns=columns.split())
    return Sequence("toy", table, 640, 480, 25.0)


def passing() -> tuple[Sequence, Sequence]:
    """One stands in front of the other; from frame 4 on a scrap of a box is found beside them::

    annotated   front ▓▓▓▓▓▓      detected   ▓▓▓▓▓▓   the front box, every frame, sure
                behind  ▒▒▒▒▒▒                    ▒▒  a scrap on the front one, frames 4 and 5, unsure
    """
    truth, found = [], []
    for frame in range(1, 9):
        truth.append((frame, 1, 100, 100, 60, 200, 1))
        truth.append((frame, 2, 84, 100, 60, 200, 1))
        found.append((frame, -1, 98, 100, 60, 200, 0.9))
        if frame in (4, 5):
            found.append((frame, -1, 120, 100, 40, 195, 0.2))
    return sequence(found), sequence(truth)


def test_a_scrap_does_not_take_the_identity_of_the_box_beside_it():
    detections, annotations = passing()
    sure = detections.boxes["conf"].to_numpy() > 0.5
    assert set(match_identities(detections, annotations)[sure]) == {1, 2}  # why there is another way
    assert set(follow_identities(detections, annotations)[sure]) == {1}


@given(some.integers(0, 20))
def test_both_agree_where_nobody_is_close(seed):
    rng = np.random.default_rng(seed)
    frames, objects = 6, 4
    frame = np.repeat(np.arange(1, frames + 1), objects)
    name = np.tile(np.arange(1, objects + 1), frames)
    x = 120.0 * name + 4 * frame
    truth = np.column_stack([frame, name, x, np.full(len(x), 50.0), np.full((len(x), 2), 40.0), np.ones(len(x))])
    kept = rng.random(len(x)) < 0.8
    found = truth[kept].copy()
    found[:, 1] = -1
    found[:, 2:4] += rng.normal(0, 2, (len(found), 2))
    found[:, 6] = rng.uniform(0.2, 1, len(found))
    detections, annotations = sequence(found), sequence(truth)
    result = follow_identities(detections, annotations)
    np.testing.assert_array_equal(result, match_identities(detections, annotations))
    assert result.dtype == np.int64


@given(some.integers(0, 20))
def test_no_identity_twice_in_a_frame_and_none_far_from_its_box(seed):
    box, frame = random_boxes(seed, frames=5, per_frame=6)
    truth = sequence(np.column_stack([frame, np.tile(np.arange(1, 7), 5), box, np.ones(len(box))]))
    moved = box + np.random.default_rng(seed).normal(0, 3, box.shape)
    moved[:, 2:] = np.maximum(moved[:, 2:], 2)
    found = sequence(np.column_stack([frame, np.full(len(box), -1), moved, np.full(len(box), 0.5)]))
    identity = follow_identities(found, truth)
    for now in range(1, 6):
        here = identity[found.frames == now]
        here = here[here >= 0]
        assert len(np.unique(here)) == len(here)
    assert (follow_identities(found, truth, 1.01) == -1).all()


@given(some.integers(0, 20))
def test_identities_may_be_looked_at_a_few_at_a_time(seed):
    box, frame = random_boxes(seed, frames=5, per_frame=6)
    truth = sequence(np.column_stack([frame, np.tile(np.arange(1, 7), 5), box, np.ones(len(box))]))
    found = sequence(np.column_stack([frame, np.full(len(box), -1), box + 2.0, np.full(len(box), 0.5)]))
    whole = follow_identities(found, truth)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matching, "CELLS", 2 * len(box))
        np.testing.assert_array_equal(follow_identities(found, truth), whole)


def test_nothing_to_match():
    detections, annotations = passing()
    unannotated = annotations.take(np.zeros(len(annotations), dtype=bool))
    assert follow_identities(detections, unannotated).tolist() == [-1] * len(detections)
    assert len(follow_identities(detections.take(np.zeros(len(detections), dtype=bool)), annotations)) == 0
