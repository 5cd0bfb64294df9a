"""Offline, a video goes through in parts: tracks are those of the whole, and memory does not grow with its length."""

from __future__ import annotations

import gc
import tracemalloc
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gnntrack import recipes, scratch
from gnntrack.errors import DataError
from gnntrack.models import load_for_tracking
from gnntrack.relinking import all_candidates, scoring
from gnntrack.scratch import Scratch
from gnntrack.sequence import Sequence
from gnntrack.tracking import track_offline
from gnntrack.tracking.stages import stages_of

FRAMES, PEOPLE = 205, 4
MODEL, RECIPE = load_for_tracking("default")


def people(frames: int = FRAMES, count: int = PEOPLE, seed: int = 0) -> Sequence:
    """People who walk to and fro through each other; each is missed now and then, and there are false detections."""
    rng = np.random.default_rng(seed)
    frame, person = np.repeat(np.arange(1, frames + 1), count), np.tile(np.arange(count), frames)
    phase, speed = rng.uniform(0, 6, count)[person], rng.uniform(0.02, 0.05, count)[person]
    x = 300 + 200 * np.sin(phase + speed * frame) + rng.normal(0, 1.5, len(frame))
    y = 150 + 12 * person + rng.normal(0, 1.5, len(frame))
    confidence = np.clip(rng.normal(0.85, 0.12, len(frame)), 0.05, 1.0)
    away = np.sin(0.1 * frame + 3 * person) > 0.95
    confidence[away] = 0.3
    table = pd.DataFrame({"frame": frame, "x": x, "y": y, "w": 40.0, "h": 90.0 + person, "conf": confidence})
    kept = rng.random(len(frame)) > 0.05 + 0.9 * (away & (frame % 3 > 0))
    return Sequence("people", table[kept], 640, 480, 30.0, frames)


def moving(boxes: Sequence) -> Sequence:
    rng = np.random.default_rng(1)
    camera = np.tile(np.eye(2, 3), (boxes.length, 1, 1))
    camera[:, :, 2] = rng.normal(0, 2, (boxes.length, 2))
    return replace(boxes, camera=camera)


def with_embeddings(boxes: Sequence) -> Sequence:
    rng = np.random.default_rng(2)
    vectors = rng.normal(0, 1, (len(boxes), 8))
    vectors[:, 0] += boxes.boxes["h"] - 90.0
    return replace(boxes, embeddings=vectors)


def of_classes(boxes: Sequence) -> Sequence:
    return replace(boxes, boxes=boxes.boxes.assign(class_id=np.arange(len(boxes)) % 7 // 5))


def with_a_pause(boxes: Sequence) -> Sequence:
    return boxes.take((boxes.frames < 80) | (boxes.frames > 110))


CASES = {
    "as shipped": (people, {}, {}),
    "greedy": (people, {}, {"rounding": "greedy"}),
    "with a margin": (people, {"links.margin": 0.4}, {}),
    "revised": (people, {"offline.revisions": 1}, {}),
    "not smoothed, short gaps filled": (people, {"boxes.smooth": False, "boxes.interpolate": 0.2}, {}),
    "short tracks too": (people, {"offline.minimum_length": 1, "births.confidence": 0.3}, {}),
    "a pause": (lambda: with_a_pause(people()), {"offline.gaps": [2.0], "boxes.interpolate": 2.0}, {}),
    "classes": (lambda: of_classes(people()), {}, {}),
    "classes apart": (lambda: of_classes(people()), {}, {"classes": "separate"}),
    "embeddings": (lambda: with_embeddings(people()), {}, {}),
    "moving camera": (lambda: moving(people()), {}, {}),
    "moving camera, embeddings, classes apart": (
        lambda: moving(with_embeddings(of_classes(people()))),
        {},
        {"classes": "separate"},
    ),
}


def assert_same(one: Sequence, other: Sequence) -> None:
    pd.testing.assert_frame_equal(one.boxes, other.boxes, check_exact=True)
    for name in one.boxes:
        assert one.boxes[name].to_numpy().tobytes() == other.boxes[name].to_numpy().tobytes()


@pytest.fixture
def nothing_at_once(monkeypatch):
    """All large arrays in files, and everything that has a size of its own done a little at a time."""
    monkeypatch.setattr(scratch, "LARGEST_IN_MEMORY", 0)
    monkeypatch.setattr(all_candidates, "AT_ONCE", 5)
    monkeypatch.setattr(scoring, "LINKS_AT_ONCE", 40)


@pytest.mark.parametrize("name", CASES)
def test_parts_of_any_length_give_the_tracks_of_the_whole(name):
    boxes, changed, more = CASES[name]
    recipe = recipes.changed(RECIPE, {f"tracking.{key}": value for key, value in changed.items()})
    whole = track_offline(boxes(), MODEL, recipe, **more, chunk_size=10**9)
    assert whole.boxes["id"].nunique() > 2
    for frames in (7, 50, 200):
        assert_same(track_offline(boxes(), MODEL, recipe, **more, chunk_size=frames * PEOPLE), whole)


@pytest.mark.usefixtures("nothing_at_once")
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 1000), count=st.integers(1, 6), chunk=st.integers(1, 300))
def test_whatever_the_video(seed, count, chunk):
    boxes = people(60, count, seed)
    assert_same(
        track_offline(boxes, MODEL, RECIPE, chunk_size=chunk), track_offline(boxes, MODEL, RECIPE, chunk_size=10**9)
    )


def test_files_instead_of_memory_change_nothing(monkeypatch):
    boxes = moving(with_embeddings(people()))
    whole = track_offline(boxes, MODEL, RECIPE)
    monkeypatch.setattr(scratch, "LARGEST_IN_MEMORY", 0)
    assert_same(track_offline(boxes, MODEL, RECIPE, chunk_size=100), whole)


def passers_by(frames: int) -> Sequence:
    """Two people who never meet, others every 250 frames."""
    frame, person = np.repeat(np.arange(1, frames + 1), 2), np.tile([0, 1], frames)
    table = pd.DataFrame(
        {"frame": frame, "x": 100.0 + 2 * (frame % 250 - 150), "y": 50 + 200 * person, "w": 40, "h": 90}
    )
    return Sequence("passers-by", table[frame % 250 > 150].assign(conf=0.9), 640, 480, 30.0, frames)


def peak(boxes: Sequence, chunk: int) -> int:
    """Most bytes that are allocated at a time to link a video; the least of three times, as other threads add some."""
    stages, rows, found = stages_of(MODEL, RECIPE), np.arange(len(boxes)), []
    for _ in range(3):
        gc.collect()
        tracemalloc.start()
        track = stages.tracks(boxes, rows, scratch=Scratch(chunk))
        found.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert len(np.unique(track)) == boxes.length // 125
    return min(found)


def test_memory_does_not_grow_with_the_video(request):
    """A video ten times as long: in parts it takes less than half as much more as at once. A row a tracklet stays.

    An observation has 48 bytes, its candidates ten times as many.
    """
    short, long = passers_by(250), passers_by(2500)
    peak(short, 10**9)  # all is compiled
    more_at_once = peak(long, 10**9) - peak(short, 10**9)
    request.getfixturevalue("nothing_at_once")
    peak(short, 90)
    assert peak(long, 90) - peak(short, 90) < more_at_once / 2


@pytest.mark.parametrize("chunk", [0, -1, 1.5, "7", None, float("nan"), True])
def test_a_chunk_has_boxes(chunk):
    """Of fewer than one, no box would be tracked."""
    with pytest.raises(DataError, match=r"^chunk_size "):
        track_offline(people(20, 2), MODEL, RECIPE, chunk_size=chunk)


@pytest.mark.parametrize("chunk", [np.int64(5), np.array(5), 5.0, 2**70])
def test_a_chunk_may_be_any_whole_number(chunk):
    boxes = people(20, 2)
    assert_same(track_offline(boxes, MODEL, RECIPE, chunk_size=chunk), track_offline(boxes, MODEL, RECIPE))
