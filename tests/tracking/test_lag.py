"""A fixed lag: reports come so many frames late, are final, and know what came after."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gnntrack.errors import DataError
from gnntrack.models import MessagePassing, MessagePassingSettings, ModelRecipe, load_weights
from gnntrack.recipes import changed
from gnntrack.relinking.settling import apart
from gnntrack.tracking import Tracker, track_online
from gnntrack.tracking.class_votes import ClassVotes
from gnntrack.tracking.detections import POSITION, TRACK
from gnntrack.tracking.lag import LONGEST_LAG, LaggedReport, WaitingFrame
from tests.conftest import Detections, make_sequence


@pytest.fixture(scope="module")
def default():
    return load_weights("default")


def walkers(count: int = 40) -> list[np.ndarray]:
    """Two people who pass each other, and one who comes late; every seventh frame is empty."""
    frames = []
    for step in range(count):
        left, right = 200.0 + 8 * step, 500.0 - 8 * step
        rows = [[left, 100, left + 40, 190, 0.9, 0], [right, 108, right + 40, 198, 0.8, 0]]
        rows += [[600.0, 90, 640, 180, 0.7, 0]] if step > 20 else []
        frames.append(np.array(rows if step % 7 else rows[:0]).reshape(-1, 6))
    return frames


@pytest.mark.parametrize("lag", [1, 5, 39, 60])
def test_every_frame_is_reported_once_and_in_order(default, lag):
    tracker = Tracker(*default, width=700, height=400, lag=lag)
    frames = walkers()
    results = [tracker.update(frame) for frame in frames]
    assert all(len(rows) == 0 for rows in results[:lag])
    results = results[lag:] + tracker.flush()
    assert len(results) == len(frames)
    for frame, rows in zip(frames, results, strict=True):
        assert len(np.unique(rows[:, TRACK])) == len(rows)
        given_boxes = frame[rows[:, POSITION].astype(int), :4]
        assert np.abs(rows[:, :4] - given_boxes).max(initial=0) < 20  # smoothed, but of this frame
    assert tracker.flush() == []


def test_tracks_begin_where_they_began(default):
    """At once, a track is reported from the frame that confirms it; with a lag, from its first box."""
    model, recipe = default
    recipe = changed(recipe, {"tracking.births.confirm": 3})
    frames = walkers()
    at_once = Tracker(model, recipe, width=700, height=400)
    first = [len(at_once.update(frame)) for frame in frames]
    late = Tracker(model, recipe, width=700, height=400, lag=8)
    second = [len(rows) for rows in ([late.update(frame) for frame in frames] + late.flush())[8:]]
    assert first[1] == 0
    assert second == [len(frame) for frame in frames]


def test_a_track_that_is_never_confirmed_is_not_reported(default):
    model, recipe = default
    tracker = Tracker(model, changed(recipe, {"tracking.births.confirm": 3}), width=700, height=400, lag=3)
    tracker.update([[10.0, 10, 50, 100, 0.95, 0]])
    results = [tracker.update([]) for _ in range(6)] + tracker.flush()
    assert sum(map(len, results)) == 0


def test_without_corrections_identities_are_those_of_the_tracker():
    model, recipe = MessagePassing(MessagePassingSettings()), ModelRecipe()
    frames = walkers()
    at_once = Tracker(model, recipe, width=700, height=400)
    late = Tracker(model, recipe, width=700, height=400, lag=4)
    first = [at_once.update(frame) for frame in frames]
    second = ([late.update(frame) for frame in frames] + late.flush())[4:]
    for one, other in zip(first, second, strict=True):
        found = {int(row[POSITION]): row[TRACK] for row in other}
        assert all(found[int(row[POSITION])] == row[TRACK] for row in one)


def test_a_whole_sequence(default):
    boxes = [
        (number + 1, *(row[:2]), *(row[2:4] - row[:2]), row[4])
        for number, frame in enumerate(walkers())
        for row in frame
    ]
    sequence = make_sequence(boxes, "frame x y w h conf", width=700, height=400)
    tracks = track_online(sequence, *default, lag=10)
    assert len(tracks) == len(sequence)
    assert tracks.boxes["id"].nunique() == 3


def test_supervision_comes_back_as_it_was(default):
    tracker = Tracker(*default, width=640, height=480, lag=1)
    given_boxes = Detections(np.array([[10.0, 10, 40, 90], [100, 10, 140, 90]]), None)
    assert len(tracker.update(given_boxes).xyxy) == 0
    given_boxes.xyxy = given_boxes.xyxy + 300  # the caller's own business
    (result,) = tracker.flush()
    np.testing.assert_allclose(result.xyxy, [[10.0, 10, 40, 90], [100, 10, 140, 90]])
    assert result.tracker_id.tolist() == [1, 2]


@pytest.mark.parametrize("lag", [-1, 1.5, LONGEST_LAG + 1, "x", None])
def test_what_is_no_lag(default, lag):
    with pytest.raises(DataError, match="lag"):
        Tracker(*default, lag=lag)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=6), st.permutations(range(1, 7)))
def test_identities_of_a_frame_differ(wanted, first):
    wanted, first = np.array(wanted), np.array(first[: len(wanted)])
    result = apart(wanted, first, 7)
    assert len(np.unique(result)) == len(result)
    unique = np.flatnonzero(np.bincount(wanted)[wanted] == 1)
    np.testing.assert_array_equal(result[unique], wanted[unique])


def test_what_the_last_frame_has_begun_counts_for_those_that_wait():
    """`flush` finishes corrections before it reports anything."""
    told: list[str] = []

    class Corrector:
        def finish(self) -> None:
            told.append("finish")

        def settled(self, frame: int) -> np.ndarray:
            told.append(f"settled {frame}")
            return np.array([7])

    report = LaggedReport(2, Corrector(), ClassVotes(10))
    row = np.array([[0.0, 0, 5, 5, 1, 0.9, 0, 0]])
    assert report.add(WaitingFrame(1, row, np.array([1]), np.array([True]), None)) is None
    (due,) = report.flush()
    assert due.rows[:, 4].tolist() == [7.0]
    assert told == ["finish", "settled 1"]
