"""Gaps are filled on a straight line, and only short ones."""

from __future__ import annotations

import numpy as np

from gnntrack.tracking import interpolate
from tests.conftest import make_sequence

ROWS = [(1, 1, 0.0, 0.0, 10.0, 20.0, 0.9), (4, 1, 30.0, 6.0, 16.0, 20.0, 0.6), (20, 1, 0.0, 0.0, 10.0, 20.0, 0.9)]
TRACKS = make_sequence(ROWS, "frame id x y w h conf")


def test_straight_line():
    """frame 1 ■ · · ■ 4 is filled; 4 … 20 is longer than allowed."""
    filled = interpolate(TRACKS, 5).boxes
    assert filled["frame"].tolist() == [1, 2, 3, 4, 20]
    np.testing.assert_allclose(filled[["x", "y", "w"]].to_numpy()[1:3], [[10, 2, 12], [20, 4, 14]])
    assert filled["conf"].tolist() == [0.9, 0.6, 0.6, 0.6, 0.9]
    assert filled["detection"].tolist() == [0, -1, -1, 1, 2]


def test_nothing_to_fill():
    assert interpolate(TRACKS, 1) is TRACKS


def test_other_identities_do_not_join():
    two = make_sequence([(1, 1, 0.0, 0, 5, 5), (3, 2, 9.0, 0, 5, 5)])
    assert len(interpolate(two, 5)) == 2
