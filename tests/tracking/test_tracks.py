"""Tracks as objects, and the rows of lost ones."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from gnntrack.association import linker as linking
from gnntrack.association.compiled_network import Scores
from gnntrack.errors import DataError
from gnntrack.models import (
    AssociationNetwork,
    AssociationNetworkSettings,
    MessagePassing,
    MessagePassingSettings,
    ModelRecipe,
    TrackingSettings,
    load_for_tracking,
)
from gnntrack.recipes import changed
from gnntrack.tracking import Tracker, track_online
from tests.conftest import Detections, make_sequence

SIZE = {"width": 640, "height": 480, "frame_rate": 25}


@pytest.fixture(scope="module")
def default():
    return load_for_tracking("default")


def window_model():
    """Links whatever is near."""
    torch.manual_seed(0)
    network = MessagePassing(MessagePassingSettings(hidden=8, rounds=1)).eval()
    return lambda graph: network(graph) * 0 + 4 - graph.edge_attr[:, :2].abs().sum(1), ModelRecipe()


def with_settings(model, wanted):
    network, recipe = model
    return network, recipe.model_copy(update={"tracking": changed(recipe.tracking, wanted)})


@pytest.fixture(scope="module", params=["smoothed", "as detected", "window"])
def model(request, default):
    if request.param == "window":
        return window_model()
    return with_settings(default, {"boxes.smooth_online": request.param == "smoothed"})


def crowd(frames=40, people=8, seed=0):
    """People who walk about and cross; each is missed now and then. Frames ``(N, 6)``."""
    rng = np.random.default_rng(seed)
    start, speed = rng.uniform(50, 500, (people, 2)), rng.normal(0, 7, (people, 2))
    for step in range(frames):
        corner = start + speed * step + rng.normal(0, 1, (people, 2))
        rows = np.column_stack(
            [corner, corner + np.array([40, 90]), rng.uniform(0.5, 1, people), rng.integers(0, 2, people)]
        )
        yield rows[rng.uniform(size=people) > 0.1]


def walk(frames, step=(5.0, -2.0), first=0):
    """One person who walks evenly; frames that are None are empty."""
    for number, there in enumerate(frames, first):
        left, top = 100 + step[0] * number, 200 + step[1] * number
        yield np.array([[left, top, left + 40, top + 90, 0.9, 3]]) if there else np.zeros((0, 6))


def test_they_say_what_update_gives(model):
    tracker = Tracker(*model, **SIZE)
    for rows in crowd():
        result = tracker.update(rows)
        seen = [track for track in tracker.tracks if track.state == "confirmed"]
        assert {track.id for track in seen} == set(result[:, 4].astype(int))
        by_id = {track.id: track for track in seen}
        for x1, y1, x2, y2, identity, confidence, kind, _ in result.tolist():
            track = by_id[int(identity)]
            assert (track.box, track.confidence, track.class_id) == ((x1, y1, x2, y2), confidence, int(kind))
            assert (track.missed, track.predicted) == (0, None)
        identities = [track.id for track in tracker.tracks]
        assert identities == sorted(set(identities))


def test_asking_changes_nothing(model):
    asked, plain = Tracker(*model, **SIZE), Tracker(*model, **SIZE)
    for rows in crowd():
        result = asked.update(rows, lost=True)
        assert all(track.id for track in asked.tracks)
        np.testing.assert_array_equal(result[result[:, 7] >= 0], plain.update(rows))


def test_the_life_of_a_track(default):
    """Three detections confirm it; it is lost for six frames, found, and forgotten ten frames after."""
    model = with_settings(default, {"births.confirm": 3, "births.patience": "2 frames", "links.memory": "10 frames"})
    tracker = Tracker(*model, **SIZE)
    there = [1, 1, 1, 1, 1, 1, 0, 0, 1, 1] + [0] * 11
    states = []
    for rows in walk(there):
        tracker.update(rows)
        states += [[(track.state, track.age, track.hits, track.missed) for track in tracker.tracks]]
    assert states[0] == [("tentative", 1, 1, 0)]
    assert states[1] == [("tentative", 2, 2, 0)]
    assert states[2] == [("confirmed", 3, 3, 0)]
    assert states[7] == [("lost", 8, 6, 2)]
    assert states[9] == [("confirmed", 10, 8, 0)]
    assert states[-2] == [("lost", 20, 8, 10)]
    assert states[-1] == []


def test_a_tentative_track_that_is_missed_is_not_lost(default):
    tracker = Tracker(*with_settings(default, {"births.confirm": 3}), **SIZE)
    for rows in walk([1, 1, 0]):
        tracker.update(rows)
    (track,) = tracker.tracks
    assert (track.state, track.missed) == ("tentative", 1)
    assert track.predicted is not None


@pytest.mark.parametrize("name", ["default", "window"])
def test_where_it_goes(default, name):
    tracker = Tracker(*(default if name == "default" else window_model()), **SIZE)
    for rows in walk([1] * 12 + [0] * 3):
        tracker.update(rows)
    (track,) = tracker.tracks
    np.testing.assert_allclose(track.velocity, (5.0, -2.0), atol=0.2)
    left, top = 100 + 5 * 14, 200 - 2 * 14
    np.testing.assert_allclose(track.predicted, (left, top, left + 40, top + 90), atol=3)
    np.testing.assert_allclose(track.box, (155, 178, 195, 268), atol=1)


def test_a_track_that_has_just_begun_stands_still(default):
    tracker = Tracker(*default, **SIZE)
    for rows in walk([1, 0]):
        tracker.update(rows)
        (track,) = tracker.tracks
        assert track.velocity == (0.0, 0.0)
    np.testing.assert_allclose(track.predicted, (100, 200, 140, 290))


def test_how_sure_the_link_was_and_over_what(default, monkeypatch):
    """Each of two people at rest: 0.9 for its own detection, 0.06 for the other's, 0.05 from the other's track."""

    def score(weights, graph, objects=True):
        track, detection = graph.ends
        probability = np.where(track == detection, 0.9, np.where(track < detection, 0.06, 0.05)).astype(np.float32)
        return Scores(probability[None], probability, np.full(len(graph.future), 5.0, dtype=np.float32))

    monkeypatch.setattr(linking, "fast_associate", score)
    monkeypatch.setattr(linking.AssociationLinker, "_are_plain", lambda *_: False)  # all goes through the former
    rows = np.array([[100.0, 100, 140, 190, 0.9, 0], [160, 100, 200, 190, 0.9, 0]])
    tracker = Tracker(*default, **SIZE)
    tracker.update(rows)
    assert [(track.probability, track.margin) for track in tracker.tracks] == [(None, None)] * 2
    tracker.update(rows)
    for track in tracker.tracks:
        np.testing.assert_allclose((track.probability, track.margin), (0.9, 0.84), rtol=1e-6)
    tracker.update(rows[:1])
    first, second = tracker.tracks
    np.testing.assert_allclose((first.probability, first.margin), (0.9, 0.85), rtol=1e-6)
    assert (second.state, second.probability, second.margin) == ("lost", None, None)
    tracker.update([])
    assert [(track.probability, track.margin) for track in tracker.tracks] == [(None, None)] * 2


def test_window_models_say_how_sure_they_were(default):
    tracker = Tracker(*window_model(), **SIZE)
    for rows in walk([1] * 4):
        tracker.update(rows)
    (track,) = tracker.tracks
    assert 0.5 < track.probability == track.margin < 1
    assert (track.age, track.hits) == (4, 4)
    for rows in walk([1] * 30, first=4):
        tracker.update(rows)
    assert (tracker.tracks[0].age, tracker.tracks[0].hits) == (34, 34)  # also of frames that left the window


def test_they_are_plain_and_frozen(default):
    tracker = Tracker(*default, **SIZE)
    assert tracker.tracks == []
    for rows in walk([1, 1]):
        tracker.update(rows)
    (track,) = tracker.tracks
    with pytest.raises(dataclasses.FrozenInstanceError):
        track.id = 5
    kinds = {type(value) for value in dataclasses.asdict(track).values()}
    assert kinds <= {int, float, str, tuple, type(None)}
    tracker.reset()
    assert tracker.tracks == []


def test_a_result_that_the_caller_changes_is_not_theirs(model):
    tracker = Tracker(*model, **SIZE)
    for rows in walk([1, 1, 1]):
        tracker.update(rows)[:] = -1
    assert tracker.tracks[0].box[0] > 100


def test_rows_of_lost_tracks(model):
    tracker = Tracker(*model, **SIZE)
    for rows in crowd():
        result = tracker.update(rows, lost=True)
        lost = {track.id: track for track in tracker.tracks if track.state == "lost"}
        rows_of_lost = result[result[:, 7] == -1]
        assert set(rows_of_lost[:, 4].astype(int)) == set(lost)
        for x1, y1, x2, y2, identity, confidence, kind, _ in rows_of_lost.tolist():
            track = lost[int(identity)]
            assert ((x1, y1, x2, y2), confidence, kind) == (track.predicted, track.confidence, track.class_id)
    assert tracker.update([], lost=True).shape == (len(tracker.tracks), 8)


def test_lost_rows_are_refused_where_they_have_no_place(default):
    held = Tracker(*default, **SIZE, lag=3)
    with pytest.raises(DataError, match=r"lost=True with a lag; read tracker\.tracks"):
        held.update([], lost=True)
    tracker = Tracker(*default, **SIZE)
    with pytest.raises(DataError, match=r"lost=True with supervision\.Detections; read tracker\.tracks"):
        tracker.update(Detections(np.zeros((0, 4)), np.zeros(0), np.zeros(0)), lost=True)
    assert tracker._stream.frame == held._stream.frame == 0
    with pytest.raises(DataError, match="lost tracks with a lag of 3; leave one of them out"):
        track_online(make_sequence([(1, -1, 1.0, 1, 5, 5)]), *default, lag=3, lost=True)


def test_tracks_are_of_now_whatever_the_lag(default):
    tracker = Tracker(*default, **SIZE, lag=5)
    for rows in walk([1] * 4):
        assert len(tracker.update(rows)) == 0
    assert [(track.id, track.hits) for track in tracker.tracks] == [(1, 4)]


def test_a_whole_video_with_lost_tracks(default):
    """A person is away from frame 6 to 8 and from 12 on; the memory is four frames, the video has 20."""
    there = [step not in (5, 6, 7) for step in range(11)]
    rows = [(step + 1, -1, 100.0 + 5 * step, 200.0, 40.0, 90.0, 0.9, 3) for step, seen in enumerate(there) if seen]
    detections = make_sequence(rows, "frame id x y w h conf class_id", length=20)
    model = with_settings(default, {"links.memory": "4 frames"})
    tracks = track_online(detections, *model, lost=True)
    table = tracks.boxes
    assert table["frame"].tolist() == list(range(1, 16))
    assert table["frame"][table["visibility"] == 0].tolist() == [6, 7, 8, 12, 13, 14, 15]
    assert table["frame"][table["detection"] == -1].tolist() == [6, 7, 8, 12, 13, 14, 15]
    assert set(table["id"]) == {1} and set(table["class_id"]) == {3}
    assert len(tracks.boxes[table["visibility"] == 1]) == len(track_online(detections, *model))


def test_networks_without_parts_have_tracks_too():
    torch.manual_seed(0)
    network = AssociationNetwork(AssociationNetworkSettings(hidden=8, rounds=1)).eval()
    recipe = ModelRecipe(architecture=network.settings, tracking=changed(TrackingSettings(), {"births.score": 0.0}))
    tracker = Tracker(network, recipe, **SIZE)
    for rows in walk([1, 1, 0]):
        tracker.update(rows)
    assert all(track.box[0] >= 100 for track in tracker.tracks) and tracker.tracks
