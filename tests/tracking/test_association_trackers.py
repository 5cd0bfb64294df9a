"""Trackers with an association network: life cycle, both modes, bad and odd input."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gnntrack.association import linker as linking
from gnntrack.association.assignment import assign
from gnntrack.association.compiled_network import Scores
from gnntrack.association.histories import observations
from gnntrack.association.life_cycle import TrackPool
from gnntrack.evaluation import evaluate
from gnntrack.models import (
    AssociationNetwork,
    AssociationNetworkSettings,
    BirthSettings,
    LinkSettings,
    ModelRecipe,
    TrackingSettings,
    TrackletNetworkSettings,
)
from gnntrack.recipes import changed as changed_settings
from gnntrack.sequence import View
from gnntrack.tracking import Tracker, track_offline, track_online
from gnntrack.tracking.replay import score_links
from gnntrack.tracking.row_links import RowLinks
from tests.conftest import Detections, make_sequence, random_boxes

VIEW = View(640, 480, 25)


@pytest.fixture
def network() -> AssociationNetwork:
    torch.manual_seed(0)
    return AssociationNetwork(AssociationNetworkSettings(hidden=8, rounds=1)).eval()


def recipe(network: AssociationNetwork, tracking: dict[str, object] | None = None) -> ModelRecipe:
    """With settings of tracking, by path."""
    wanted = {"births.score": 0.0, "offline.minimum_length": 1, "boxes.interpolate": 0} | (tracking or {})
    return ModelRecipe(architecture=network.settings, tracking=changed_settings(TrackingSettings(), wanted))


@pytest.fixture
def by_height(monkeypatch):
    """In the network's place: links boxes at the same height of the picture, right for `two_walkers`.

    What it needs is in the pair features: 4 to 5 are the offset from where a line through the track leads.
    """

    def score(weights, graph, objects=True):
        same = np.abs(np.sinh(graph.edge_attr[:, 1])) < 0.4
        probability = np.where(same, np.float32(0.9), np.float32(0.05))
        return Scores([probability], probability, np.full(len(graph.future), 5.0, dtype=np.float32))

    monkeypatch.setattr(linking, "fast_associate", score)
    monkeypatch.setattr(linking.AssociationLinker, "_are_plain", lambda *_: False)  # all goes through the former


@pytest.mark.usefixtures("by_height")
@pytest.mark.parametrize("run", [track_online, track_offline])
def test_good_scores_give_good_tracks(two_walkers, network, run):
    tracks = run(two_walkers.without_ids(), network, recipe(network))
    row = evaluate({"toy": (two_walkers, tracks)})["toy"]
    assert (row["idf1"], row["mota"], row["idsw"]) == (1, 1, 0)


@pytest.mark.usefixtures("by_height")
@pytest.mark.parametrize(("run", "memory", "ids"), [(track_online, 60, 2), (track_online, 2, 3), (track_offline, 2, 2)])
def test_lost_tracks_are_found_again(two_walkers, network, run, memory, ids):
    """Person 1 is away from frame 8 to 12. The online tracker remembers or does not; the offline one joins the ends."""
    away = (two_walkers.boxes["id"] == 1) & two_walkers.boxes["frame"].between(8, 12)
    detections = two_walkers.take(~away.to_numpy()).without_ids()
    tracks = run(
        detections, network, recipe(network, {"links.memory": f"{memory} frames", "offline.gaps": ["20 frames"]})
    )
    assert tracks.boxes["id"].nunique() == ids


@pytest.mark.usefixtures("by_height")
def test_revision_keeps_what_is_right(two_walkers, network):
    tracks = track_offline(two_walkers.without_ids(), network, recipe(network, {"offline.revisions": 2}))
    assert evaluate({"toy": (two_walkers, tracks)})["toy"]["idf1"] == 1


@pytest.mark.usefixtures("by_height")
def test_tracks_count_when_confirmed(two_walkers, network):
    """With three observations to confirm, the first two boxes of each track are not reported."""
    tracks = track_online(two_walkers.without_ids(), network, recipe(network, {"births.confirm": 3}))
    assert tracks.boxes["frame"].min() == 3
    assert len(tracks) == 36


def test_little_confidence_begins_nothing(two_walkers, network):
    table = two_walkers.boxes.assign(conf=0.5, id=-1)
    unsure = make_sequence(
        [tuple(row) for row in table[["frame", "id", "x", "y", "w", "h", "conf"]].to_numpy()], "frame id x y w h conf"
    )
    for run in (track_online, track_offline):
        assert len(run(unsure, network, recipe(network, {"births.confidence": 0.6}))) == 0


@pytest.mark.parametrize("run", [track_online, track_offline])
@pytest.mark.parametrize("rows", [[], [(7, -1, 1.0, 1, 5, 5)], [(1, -1, 1.0, 1, 5, 5), (90, -1, 1.0, 1, 5, 5)]])
def test_hardly_any_boxes(rows, run, network):
    tracks = run(make_sequence(rows, length=100), network, recipe(network))
    assert tracks.boxes["id"].tolist() == list(range(1, len(rows) + 1))


def test_cost_does_not_grow_with_history(network):
    """One box an update, never linked for long: what is remembered is bounded by the memory."""
    tracker = Tracker(network, recipe(network, {"links.memory": "10 frames"}), width=640, height=480)
    sizes = []
    for step in range(80):
        corner = 37.0 * (step % 13)
        tracker.update(np.array([[corner, corner, corner + 20, corner + 50, 0.9, 1.0]]))
        sizes.append(len(tracker._stream.stages.linker))
    assert max(sizes) <= 12


def test_frames_without_detections_age_tracks(network):
    tracker = Tracker(network, recipe(network, {"links.memory": "5 frames"}), width=640, height=480)
    tracker.update(np.array([[10.0, 10, 40, 90, 0.9, 1]]))
    for _ in range(5):
        tracker.update(np.zeros((0, 6)))
    assert len(tracker._stream.stages.linker) == 1
    tracker.update(np.zeros((0, 6)))
    assert len(tracker._stream.stages.linker) == 0


@pytest.mark.parametrize("size", [{}, {"width": 640}, {"width": 640, "height": 480}])
def test_without_its_size_the_image_reaches_as_far_as_boxes_did(size):
    """Shipped weights; the second object reaches 300, 200, and later 380, 210."""
    tracker = Tracker.from_pretrained("default", **size)
    views, ids = [], []
    for step in range(5):
        rows = [[10.0 + 5 * step, 10, 40 + 5 * step, 90, 0.9, 1], [260 + 20 * step, 120, 300 + 20 * step, 200, 0.9, 1]]
        rows[1][3] += 10 * (step == 2)
        ids.append(tracker.update(np.array(rows))[:, 4].tolist())
        views.append((tracker.view.width, tracker.view.height))
        assert tracker._stream.stages.linker.pool.view == tracker.view
    assert ids == [[1, 2]] * 5
    assert views[0] == (size.get("width", 300), size.get("height", 200))
    assert views[-1] == (size.get("width", 380), size.get("height", 210))
    tracker.update(np.zeros((0, 6)))
    assert (tracker.view.width, tracker.view.height) == views[-1]
    tracker.reset()
    assert tracker.view.width == size.get("width", 1)


@pytest.mark.parametrize("confidence", [None, np.array([0.9, 0.2])])
def test_supervision_detections(network, confidence):
    tracker = Tracker(network, recipe(network), width=640, height=480)
    given = Detections(np.array([[10.0, 10, 40, 90], [100, 10, 140, 90]]), confidence)
    result = tracker.update(given)
    assert given.tracker_id is None
    assert result.tracker_id.tolist() == ([1, 2] if confidence is None else [1])
    np.testing.assert_array_equal(result.xyxy, given.xyxy[: len(result.tracker_id)])


def test_assignment_prefers_the_sum():
    """A greedy choice of 0.5 would leave the other track without a partner: 0.4 + 0.3 is more.

    track 0 ── 0.5 ── detection 0
            `─ 0.4 ── detection 1
    track 1 ── 0.3 ── detection 0
    """
    links, probability = np.array([[0, 0, 1], [0, 1, 0]]), np.array([0.5, 0.4, 0.3])
    assert assign(links, probability, 0.3).tolist() == [1, 2]
    # only track 0 has a partner with a probability (0.9) above this
    assert assign(links, probability, 0.85).tolist() == [0]
    assert assign(links, probability, 0.95).tolist() == []
    assert assign(links[:, :0], np.zeros(0), 0.5).tolist() == []


@pytest.mark.usefixtures("by_height")
@pytest.mark.parametrize("run", [track_online, track_offline])
def test_memory_ends_in_an_empty_stretch(network, run):
    """One object, away for 500 frames in which nothing is detected at all."""
    frames = [*range(1, 6), *range(506, 511)]
    detections = make_sequence([(frame, -1, 100.0, 100.0, 40.0, 100.0) for frame in frames])
    assert run(detections, network, recipe(network)).boxes["id"].nunique() == 2


def test_tentative_tracks_die_sooner():
    """Two tracks, one seen once, one three times; then nothing for three frames."""
    births = BirthSettings(confirm=2, patience="1 frame")
    pool = TrackPool(births, LinkSettings(), VIEW, AssociationNetworkSettings())
    none = np.zeros(0, dtype=np.int64)
    for frame in range(1, 4):
        count = 2 if frame == 3 else 1
        boxes = np.array([[10.0, 10, 20, 40], [300, 10, 20, 40]])[:count]
        detections = observations(boxes, np.ones(count), frame)
        linked = np.array([0]) if frame > 1 else none
        born = np.setdiff1d(np.arange(len(detections)), linked)
        ids = pool.commit(frame, detections, np.arange(len(detections)), linked, linked, born)
    assert ids.tolist() == [1, -2]
    assert pool.confirmed.tolist() == [True, False]
    for frame in (4, 5):
        pool.commit(frame, np.zeros((0, 6)), none, none, none, none)
    assert pool.ids.tolist() == [1]


def test_scores_see_past_and_future(two_walkers, network):
    """Given the true tracks, every link of theirs is scored, and none leads backwards."""
    detections = observations(two_walkers.xywh, np.ones(40), two_walkers.frames)
    links = np.stack([np.arange(38), np.arange(2, 40)])
    scored = score_links(
        detections, VIEW, network.compiled(), TrackingSettings(), RowLinks.of(links, 40), np.ones(40, dtype=bool)
    )
    source, target = scored.candidates
    assert (detections[source, 4] < detections[target, 4]).all()
    assert {(int(a), int(b)) for a, b in scored.candidates.T} >= {(row, row + 2) for row in range(38)}
    assert ((scored.probability >= 0) & (scored.probability <= 1 + 1e-6)).all()


def test_joins_are_scored_as_all_are_and_nothing_else_is(two_walkers, network, monkeypatch):
    """Each of two people is lost once: only where one begins again, or ends, is there anything to score."""
    detections = observations(two_walkers.xywh, np.ones(40), two_walkers.frames)
    follows = np.append(np.arange(2, 40), [-1, -1])
    follows[[14, 21]] = -1  # of the one in frame 8, of the other in frame 11
    links = np.stack([np.flatnonzero(follows >= 0), follows[follows >= 0]])
    about = detections, VIEW, network.compiled(), TrackingSettings(), RowLinks.of(links, 40), np.ones(40, dtype=bool)
    every, scored, score = score_links(*about), [], linking.fast_associate
    monkeypatch.setattr(linking, "fast_associate", lambda *values, **named: scored.append(0) or score(*values, **named))
    found = score_links(*about, joins=True)
    begins = np.setdiff1d(np.arange(40), follows)
    wanted = np.isin(every.candidates[1], begins) & (follows[every.candidates[0]] < 0)
    np.testing.assert_array_equal(found.candidates, every.candidates[:, wanted])
    np.testing.assert_array_equal(found.probability, every.probability[wanted])
    assert {(14, 16), (21, 23)} <= {(int(a), int(b)) for a, b in found.candidates.T}
    assert len(scored) == 4  # of 2 × 19


@pytest.mark.usefixtures("by_height")
@pytest.mark.parametrize(("level", "born"), [(0.95, False), (0.7, True)])
def test_births_need_what_is_usual_in_the_video(network, level, born):
    """A box of 0.65: too unsure beside objects of 0.95, sure enough beside objects of 0.7."""
    rows = [(frame, -1, 50 + 2 * frame, 100, 30, 60, level) for frame in range(1, 30)]
    rows += [(frame, -1, 400, 300, 30, 60, 0.65) for frame in range(20, 30)]
    detections = make_sequence(rows, "frame id x y w h conf")
    tracks = track_online(detections, network, recipe(network, {"births.confidence": 0.5, "births.usual_share": 0.9}))
    assert (len(np.unique(tracks.boxes["id"])) == 2) == born


@pytest.mark.usefixtures("by_height")
@pytest.mark.parametrize(
    ("changed", "faint"),
    [
        ({}, 0),  # no trial: too faint to be born
        ({"births.trial_share": 0.5}, 8),  # the first two of ten boxes are its trial
        ({"births.trial_share": 0.5, "births.trial_score": 0.99}, 0),  # may be an object that has a track already
        ({"births.trial_share": 0.9}, 0),
    ],
)
def test_faint_objects_are_tracks_on_trial(network, changed, faint):
    """An object of 0.9 that is seen in thirty frames, and one of 0.5 in the last ten of them."""
    rows = [(frame, -1, 50 + 2 * frame, 100, 30, 60, 0.9) for frame in range(1, 31)]
    rows += [(frame, -1, 400, 300, 30, 60, 0.5) for frame in range(21, 31)]
    detections = make_sequence(rows, "frame id x y w h conf")
    wanted = recipe(network, {"births.confidence": 0.8, "births.trial_confirm": 3} | changed)
    found = track_online(detections, network, wanted).boxes
    assert (found["conf"] == 0.5).sum() == faint
    assert (found["conf"] == 0.9).sum() == 30


@pytest.mark.usefixtures("by_height")
@pytest.mark.parametrize(("changed", "faint"), [({}, 0), ({"births.trial_overlap": 0.6}, 8)])
def test_a_faint_second_box_begins_no_track(network, changed, faint):
    """An object with a track, and a faint box on its upper half in the last ten frames: IoU 0.5::

    ┌─────┐         ┌─────┐
    │     │         │ 0.5 │
    │ 0.9 │   ...   ├─────┤
    │     │         │ 0.9 │
    └─────┘         └─────┘
    """
    rows = [(frame, -1, 50, 100, 30, 60, 0.9) for frame in range(1, 31)]
    rows += [(frame, -1, 50, 100, 30, 30, 0.5) for frame in range(21, 31)]
    detections = make_sequence(rows, "frame id x y w h conf")
    wanted = recipe(network, {"births.confidence": 0.8, "births.trial_share": 0.5, "births.trial_confirm": 3} | changed)
    found = track_online(detections, network, wanted).boxes
    assert (found["conf"] == 0.5).sum() == faint
    assert (found["conf"] == 0.9).sum() == 30


@pytest.mark.usefixtures("by_height")
def test_one_sure_detection_ends_the_trial(network):
    rows = [(frame, -1, 400, 300, 30, 60, 0.9 if frame == 3 else 0.5) for frame in range(1, 6)]
    rows += [(frame, -1, 50, 100, 30, 60, 0.9) for frame in range(1, 6)]
    detections = make_sequence(rows, "frame id x y w h conf")
    wanted = recipe(network, {"births.confidence": 0.8, "births.trial_share": 0.5, "births.trial_confirm": 9})
    found = track_online(detections, network, wanted).boxes
    assert found["frame"][found["x"] == 400].tolist() == [3, 4, 5]


def test_frames_without_boxes_leave_what_is_usual(network):
    linker = network.compiled().linker(TrackingSettings(births={"usual_share": 0.9}), VIEW)
    before = linker._usual.of(np.array([0.7, 0.6]))
    for _ in range(40_000):  # 0.98 to this power is 0 in float64
        after = linker._usual.of(np.zeros(0))
    assert after == pytest.approx(before)


def test_what_is_usual_is_so_for_each_group_by_itself(network):
    """Cars are more confident than persons, who may begin tracks all the same."""
    rng = np.random.default_rng(0)
    both, cars, persons = (network.compiled().linker(TrackingSettings(), VIEW) for _ in range(3))
    for frame in range(30):
        groups = np.array([3.0, 1.0, 3.0, 1.0, 1.0])[: rng.integers(0, 6)] if frame else np.array([3.0, 1.0])
        confidence = np.where(groups == 3, 0.95, 0.5) + rng.uniform(0, 0.05, len(groups))
        usual = both._usual.of(confidence, groups)
        for alone, group in ((cars, 3.0), (persons, 1.0)):
            assert set(usual[groups == group]) <= {alone._usual.of(confidence[groups == group])}
    assert both._usual.sums.keys() == {1.0, 3.0}


@settings(max_examples=20)
@given(seed=st.integers(0, 1000))
def test_with_a_tracklet_network_no_box_is_lost_or_doubled(seed):
    """Whatever it says: it is untrained. The same boxes are in tracks as without it, or more, once each."""
    torch.manual_seed(seed)
    shape = AssociationNetworkSettings(hidden=8, rounds=1, tracklets=TrackletNetworkSettings(hidden=8, rounds=1))
    both = AssociationNetwork(shape).eval()
    alone = AssociationNetwork(shape.model_copy(update={"tracklets": None})).eval()
    alone.load_state_dict(both.state_dict(), strict=False)
    box, frame = random_boxes(seed, frames=30)
    rows = [(f, -1, *(b * [0.2, 0.2, 1, 1]), 0.9) for f, b in zip(frame, box, strict=True)]
    detections = make_sequence(rows, "frame id x y w h conf")
    for run in (track_online, track_offline):
        tracks = run(detections, both, recipe(both, {"links.threshold": 0.15})).boxes
        assert not tracks.duplicated(["frame", "id"]).any()
        assert not tracks["detection"].duplicated().any()
        assert tracks.equals(run(detections, both, recipe(both, {"links.threshold": 0.15})).boxes)
        before = run(detections, alone, recipe(alone, {"links.threshold": 0.15})).boxes
        assert set(before["detection"]) <= set(tracks["detection"])


def test_a_lone_walker_is_followed_whatever_the_network_says(network, monkeypatch):
    """Someone alone in the picture, whom the network takes for somebody else in every frame."""

    def doubt(weights, graph, objects=True):
        probability = np.full(len(graph.edge_attr), 0.01)
        return Scores([probability], probability, np.full(len(graph.future), 5.0))

    monkeypatch.setattr(linking, "fast_associate", doubt)
    walker = make_sequence([(frame, -1, 10.0 + 3 * frame, 50.0, 40.0, 90.0) for frame in range(1, 20)])
    tracks = track_online(walker, network, recipe(network))
    assert tracks.boxes["id"].nunique() == 1
