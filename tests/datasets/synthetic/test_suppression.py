"""Suppression as in the textbook, all frames at once."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gnntrack.datasets.synthetic.suppression import suppress
from gnntrack.geometry import iou_matrix


def plain(box, confidence, frame, above):
    """Takes the most confident box that is left, drops those that it overlaps by more, and so on."""
    stays = np.ones(len(box), dtype=bool)
    for row in np.argsort(-confidence, kind="stable"):
        if stays[row]:
            weaker = (confidence < confidence[row]) | ((confidence == confidence[row]) & (np.arange(len(box)) > row))
            stays[weaker & (frame == frame[row]) & (iou_matrix(box[[row]], box)[0] > above)] = False
    return stays


@settings(max_examples=30)
@given(st.integers(0, 40), st.floats(0.1, 0.9), st.integers(0, 1000))
def test_the_same_boxes_stay_as_one_by_one(count, above, seed):
    rng = np.random.default_rng(seed)
    box = np.column_stack([rng.uniform(0, 30, (count, 2)), rng.uniform(10, 30, (count, 2))])
    confidence, frame = rng.choice([0.2, 0.5, 0.8, 0.9], count), rng.integers(1, 4, count)
    np.testing.assert_array_equal(suppress(box, confidence, frame, above), plain(box, confidence, frame, above))


def test_nothing_overlaps_by_more_than_all():
    box = np.tile([0.0, 0, 10, 10], (3, 1))
    assert suppress(box, np.array([0.1, 0.2, 0.3]), np.ones(3), 1.0).all()
