"""The tracker that links by overlap alone, by hand."""

from __future__ import annotations

import pytest

from gnntrack.tracking.baseline import track_by_overlap
from tests.conftest import make_sequence


def ids(rows: list[tuple[float, ...]], **options: float) -> list[int]:
    tracks = track_by_overlap(make_sequence(rows, "frame id x y w h conf"), **options)  # type: ignore[arg-type]
    return tracks.boxes.sort_values("detection")["id"].tolist()


def test_identities_count_from_one_in_order() -> None:
    """Two boxes, then a third beside them, then all three go on."""
    rows = [(1, -1, 0.0, 0, 10, 20, 1.0), (1, -1, 100.0, 0, 10, 20, 1.0)]
    rows += [(2, -1, 0.0, 0, 10, 20, 1.0), (2, -1, 50.0, 0, 10, 20, 1.0), (2, -1, 100.0, 0, 10, 20, 1.0)]
    rows += [(3, -1, 1.0, 0, 10, 20, 1.0), (3, -1, 51.0, 0, 10, 20, 1.0), (3, -1, 200.0, 0, 10, 20, 1.0)]
    assert ids(rows) == [1, 2, 1, 3, 2, 1, 3, 4]


@pytest.mark.parametrize(("memory", "expected"), [(1, [1, 2]), (2, [1, 2]), (3, [1, 1])])
def test_tracks_are_kept_for_as_many_frames_as_said(memory: int, expected: list[int]) -> None:
    assert ids([(1, -1, 0.0, 0, 10, 20, 1.0), (4, -1, 0.0, 0, 10, 20, 1.0)], memory=memory) == expected


@pytest.mark.parametrize(("shift", "expected"), [(5.0, [1, 1]), (6.0, [1, 2])])
def test_three_tenths_must_overlap(shift: float, expected: list[int]) -> None:
    """IoU 5/15 and 4/16."""
    assert ids([(1, -1, 0.0, 0, 10, 20, 1.0), (2, -1, shift, 0, 10, 20, 1.0)]) == expected


def test_faint_boxes_are_left_out() -> None:
    rows = [(1, -1, 0.0, 0, 10, 20, 0.5), (1, -1, 50.0, 0, 10, 20, 0.49)]
    tracks = track_by_overlap(make_sequence(rows, "frame id x y w h conf"), minimum_confidence=0.5)
    assert tracks.boxes["detection"].tolist() == [0]
