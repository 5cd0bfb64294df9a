"""Crossings are found whole: who is in front, when it begins and ends, and where the other one is."""

import numpy as np
import pytest

from gnntrack.datasets.synthetic.crossings import LEAST_IOU, by_track, find_crossings
from gnntrack.geometry import iou
from tests.datasets.synthetic.drawn import FRAMES, two_cross


@pytest.mark.parametrize(("turned", "side"), [(False, 1.0), (True, -1.0)])
def test_one_crossing(turned, side):
    """b passes behind a, and is a little to the right (turned: to the left) when they overlap most."""
    truth = two_cross(turned)
    found, overlap = find_crossings(truth)
    assert len(found) == 1
    order = by_track(truth)
    identity = truth.boxes["id"].to_numpy()[order]
    (first,), (last,) = found.first, found.last
    assert identity[first].tolist() == identity[last - 1].tolist() == [1, 2]  # front, behind
    shared = iou(truth.xywh[order][:FRAMES], truth.xywh[order][FRAMES:])
    over = np.flatnonzero(shared > LEAST_IOU)
    assert first.tolist() == [over[0], FRAMES + over[0]]
    assert last.tolist() == [over[-1] + 1, FRAMES + over[-1] + 1]
    assert found.side.tolist() == [side]
    assert found.overlap[0] == pytest.approx(shared.max())
    assert found.peak[0] == pytest.approx((shared.argmax() - over[0]) / (len(over) - 1))
    np.testing.assert_allclose(overlap[order], np.tile(shared, 2))


@pytest.mark.parametrize(("pause", "count"), [(4, 1), (5, 2)])
def test_a_short_pause_is_part_of_a_crossing(pause, count):
    """Frames without annotations of b at the peak: one crossing, from five on two."""
    truth = two_cross()
    rows = (truth.boxes["id"] == 2) & truth.boxes["frame"].between(21, 20 + pause)
    found, _ = find_crossings(truth.take(~rows.to_numpy()))
    assert len(found) == count
    if count == 1:
        front, behind = (found.last - found.first)[0]
        assert front - behind == pause


def test_no_crossing():
    truth = two_cross(apart=True)
    for video in (truth, truth.take(np.zeros(len(truth), dtype=bool))):
        found, overlap = find_crossings(video)
        assert (len(found), found.first.shape, found.traits.shape, found.side.shape) == (0, (0, 2), (0, 4), (0,))
        assert not overlap.any() and len(overlap) == len(video)
