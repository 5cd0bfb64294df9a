"""Online and offline trackers with a link scorer that knows the truth, and with bad input."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gnntrack.errors import DataError
from gnntrack.evaluation import evaluate
from gnntrack.graphs import GraphSettings
from gnntrack.models import ModelRecipe
from gnntrack.tracking import Tracker, track_by_overlap, track_offline, track_online
from tests.conftest import make_sequence

SETTINGS = GraphSettings(window=8, stride=2, max_gap=5)
USUAL = ModelRecipe(graph=SETTINGS)
KEEP_ALL = ModelRecipe(graph=SETTINGS, tracking={"offline": {"minimum_length": 1}})


def by_height(data):
    """Links boxes at the same height of the picture in neighbouring frames: right for `two_walkers`."""
    source, target = data.edge_index
    same = (data.pos[source, 1] - data.pos[target, 1]).abs() < 20
    return 6.0 * same - 3.0 - 0.5 * (data.frame[target] - data.frame[source])


def never(data):
    """Links nothing."""
    return torch.full((data.edge_index.shape[1],), -5.0)


@pytest.mark.parametrize("run", [track_online, track_offline])
@pytest.mark.parametrize("rounding", ["exact", "greedy"])
def test_good_scores_give_good_tracks(two_walkers, run, rounding):
    tracks = run(two_walkers.without_ids(), by_height, KEEP_ALL, rounding)
    row = evaluate({"toy": (two_walkers, tracks)})["toy"]
    assert (row["idf1"], row["mota"], row["idsw"]) == (1, 1, 0)
    assert np.array_equal(np.sort(tracks.boxes["detection"]), np.arange(40))


@pytest.mark.parametrize("run", [track_online, track_offline])
def test_gap_is_bridged(two_walkers, run):
    """Person 1 is not detected in frames 8 to 10.

    id 1   ■■■■■■■···■■■■■■■■■■
    id 2   ■■■■■■■■■■■■■■■■■■■■
    """
    hidden = (two_walkers.boxes["id"] == 1) & two_walkers.boxes["frame"].between(8, 10)
    tracks = run(two_walkers.take(~hidden.to_numpy()).without_ids(), by_height, KEEP_ALL)
    assert tracks.boxes["id"].nunique() == 2
    # the offline tracker fills the gap, the online one cannot
    assert len(tracks) == (40 if run is track_offline else 37)


@pytest.mark.parametrize("run", [track_online, track_offline])
def test_no_links_give_a_track_a_box(two_walkers, run):
    assert run(two_walkers.without_ids(), never, KEEP_ALL).boxes["id"].nunique() == 40


@pytest.mark.parametrize("run", [track_online, track_offline])
@pytest.mark.parametrize("rows", [[], [(7, -1, 1.0, 1, 5, 5)], [(1, -1, 1.0, 1, 5, 5), (90, -1, 1.0, 1, 5, 5)]])
def test_hardly_any_boxes(rows, run):
    tracks = run(make_sequence(rows, length=100), by_height, KEEP_ALL)
    assert tracks.boxes["id"].tolist() == list(range(1, len(rows) + 1))


@pytest.mark.parametrize("run", [track_online, track_offline])
def test_row_order_does_not_matter(two_walkers, run):
    table = two_walkers.boxes.sample(frac=1, random_state=1)
    shuffled = make_sequence([tuple(row) for row in table[["frame", "id", "x", "y", "w", "h"]].to_numpy()])
    a = run(two_walkers.without_ids(), by_height, USUAL).boxes
    b = run(shuffled.without_ids(), by_height, USUAL).boxes
    assert a.equals(b)


@pytest.mark.parametrize("run", [track_online, track_offline])
def test_low_confidence(two_walkers, run):
    """Boxes of little confidence continue tracks but start none; hardly credible ones are not used."""
    conf = np.where(two_walkers.boxes["id"] == 2, 0.3, 0.9)
    conf[two_walkers.frames == 5] = 0.05
    unsure = two_walkers.without_ids()
    unsure = make_sequence(
        [(*row, c) for row, c in zip(two_walkers.boxes[["frame", "x", "y", "w", "h"]].to_numpy(), conf, strict=True)],
        "frame x y w h conf",
    )
    recipe = ModelRecipe(graph=SETTINGS, tracking={"offline": {"minimum_length": 1}, "boxes": {"interpolate": 0}})
    tracks = run(unsure, by_height, recipe)
    assert set(tracks.boxes["y"]) == {100.0}
    assert 5 not in set(tracks.boxes["frame"])


def test_baseline(two_walkers):
    tracks = track_by_overlap(two_walkers.without_ids())
    assert evaluate({"toy": (two_walkers, tracks)})["toy"]["idf1"] == 1


def stream(seed=0, frames=12):
    """Frames of detections ``(N, 6)`` that move slowly."""
    rng = np.random.default_rng(seed)
    start = rng.uniform(50, 400, (4, 2))
    for step in range(frames):
        corner = start + 3.0 * step
        yield np.column_stack([corner, corner + np.array([30.0, 80.0]), np.full(4, 0.9), np.full(4, 2.0)])


def tracker(**options):
    return Tracker(by_height, USUAL, width=640, height=480, **options)


def test_update_gives_what_it_promises():
    subject = tracker()
    for detections in stream():
        before = detections.copy()
        result = subject.update(detections)
        assert np.array_equal(detections, before)
        assert result.shape == (4, 8)
        order = result[:, 7].astype(int)
        np.testing.assert_array_equal(result[:, :4], detections[order, :4])
        np.testing.assert_array_equal(result[:, 5:7], detections[order, 4:])
    assert len(set(result[:, 4])) == 4


def test_without_its_size_the_image_reaches_as_far_as_boxes_did():
    subject = Tracker(by_height, USUAL)
    for detections in stream():
        subject.update(detections)
    assert (subject.view.width, subject.view.height) == tuple(np.concatenate(list(stream()))[:, 2:4].max(0))
    assert subject._stream.stages.linker.view == subject.view


@pytest.mark.parametrize("wrong", [{"width": 0}, {"height": -5}, {"width": np.nan}, {"frame_rate": 0.0}])
def test_an_image_size_or_a_rate_that_is_not_valid(wrong):
    with pytest.raises(DataError, match=r"the image measures|frame rate"):
        Tracker(by_height, USUAL, **wrong)


def test_reset_and_two_at_once():
    one, other = tracker(), tracker()
    first = [one.update(frame)[:, 4].tolist() for frame in stream(0)]
    mixed = []
    one.reset()
    for a, b in zip(stream(0), stream(1), strict=True):
        mixed.append(one.update(a)[:, 4].tolist())
        other.update(b)
    assert mixed == first


def test_memory_is_bounded():
    subject = tracker()
    sizes = []
    for step in range(60):
        subject.update(np.array([[step * 9.0, 0.0, step * 9.0 + 20, 50.0, 0.9, 1.0]]))
        sizes.append(len(subject._stream.stages.linker))
    assert max(sizes) == SETTINGS.window


def test_ids_survive_an_empty_stretch():
    subject = tracker()
    box = np.array([[10.0, 10, 40, 90, 0.9, 1]])
    first = subject.update(box)[0, 4]
    for _ in range(3):
        assert subject.update(np.zeros((0, 6))).shape == (0, 8)
    assert subject.update(box)[0, 4] == first
    for _ in range(SETTINGS.window + 1):
        subject.update(np.zeros((0, 6)))
    assert subject.update(box)[0, 4] != first


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((2, 3)), r"detections of shape \(2, 3\); pass \(N, 6\)"),
        (np.array([[10.0, 20, 5, 30, 0.9, 1]]), "detection 0 has x2 ≤ x1"),
        (np.array([[10.0, np.nan, 50, 30, 0.9, 1]]), "detection 0 is not finite"),
        (np.array([[10.0, 20, 50, 30, 1.9, 1]]), "detection 0 has confidence 1.9"),
    ],
)
def test_bad_arrays_are_refused(array, message):
    subject = tracker()
    with pytest.raises(DataError, match=message):
        subject.update(array)
    assert subject.update(np.zeros((0, 6))).shape == (0, 8)
