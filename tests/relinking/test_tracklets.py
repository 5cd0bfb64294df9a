"""Tracklets and their graph: cuts where tracks overlap, what the ends say, candidates."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gnntrack.association.histories import observations
from gnntrack.relinking.candidates import Settled
from gnntrack.relinking.ends import END_BOXES
from gnntrack.relinking.feature_columns import LINE, TRACKLET_FEATURES, TRACKLET_PAIR_FEATURES
from gnntrack.relinking.graph import tracklet_graph
from gnntrack.relinking.surroundings import HIDDEN, find_surroundings, unseen
from gnntrack.relinking.tracklets import find_tracklets
from gnntrack.sequence import View

VIEW = View(640, 480, 30)


def crossing(frames: int = 40, speed: float = 4.0, exchanged: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Two people who walk through each other, halfway; the tracker may exchange them there.

    1 ──────╲ ╱──────
             ╳
    2 ──────╱ ╲──────
    """
    time = np.repeat(np.arange(frames), 2)
    person = np.tile([1, 2], frames)
    away = (time - frames / 2) * speed
    left = 300 + np.where(person == 1, away, -away)
    boxes = np.column_stack([left, 100 + 2.0 * person, np.full(len(time), 20), np.full(len(time), 50)])
    track = np.where((time >= frames // 2) & exchanged, 3 - person, person)
    return observations(boxes, np.full(len(time), 0.9), time + 1), track


def found(detections, track, probability=None):
    return find_tracklets(detections, track, np.full(len(detections), 0.9) if probability is None else probability)


def test_a_crossing_makes_four():
    detections, track = crossing()
    tracklets = found(detections, track)
    assert tracklets.track.tolist() == [1, 1, 2, 2]
    assert tracklets.following.tolist() == [1, -1, 3, -1]
    unclear = detections[tracklets.of < 0, 4]
    assert unclear.min() > 15
    assert unclear.max() < 27
    assert (tracklets.size == np.bincount(tracklets.of[tracklets.of >= 0])).all()


def test_the_ends_say_where_it_goes():
    detections, track = crossing()
    tracklets = found(detections, track)
    before = np.flatnonzero(tracklets.of == 0)
    assert tracklets.tail.frame[0] == detections[before[-1], 4]
    assert tracklets.head.frame[0] == 1
    np.testing.assert_allclose(tracklets.tail.lines[0, :, LINE.velocity], 4.0, rtol=0.4)  # px a frame; drawn towards 0
    np.testing.assert_allclose(tracklets.tail.lines[0, :, LINE.off], 0.0, atol=0.1)
    assert tracklets.tail.used[0] == END_BOXES
    np.testing.assert_allclose(tracklets.tail.box[0], [*(detections[before[-1], :1]), 152, 20, 50])


def test_the_least_probable_link_in_between():
    detections, track = crossing()
    chances = np.full(len(detections), 0.9)
    chances[(detections[:, 4] == 21) & (track == 1)] = 0.3
    tracklets = found(detections, track, chances)
    assert tracklets.weakest_link.tolist() == [0.0, 0.3, 0.0, 0.9]


def test_without_clear_boxes_a_track_is_one_tracklet():
    detections, track = crossing(speed=0.0)
    tracklets = found(detections, track)
    assert tracklets.size.tolist() == [40, 40]


@pytest.mark.parametrize(("lower", "cut"), [(0.0, True), (200.0, False)])
def test_who_may_hide_another_is_not_clear(lower, cut):
    """A stands; B walks up to A and is not found any more, or does so far below. Then A's box may be B's as well.

    A  ● ● ● ● ● ● ● ● ● ○ ○ ○ ● ● ●
    B  ▶ ▶ ▶ ▶ ▶ ▶ ▶ ▶
    """
    rows = [(300.0, 100.0, frame, 1) for frame in range(1, 41)]
    rows += [(200.0 + 4 * frame, 100.0 + lower, frame, 2) for frame in range(1, 24)]
    x, y, frame, track = np.array(sorted(rows, key=lambda row: row[2])).T
    boxes = np.column_stack([x, y, np.full(len(x), 20), np.full(len(x), 50)])
    detections = observations(boxes, np.ones(len(x)), frame.astype(int))
    tracklets = found(detections, track.astype(int))
    unclear = detections[(tracklets.of < 0) & (track == 1), 4]
    assert unclear.tolist() == ([*range(24, 24 + HIDDEN)] if cut else [])
    assert tracklets.track.tolist() == ([1, 1, 2] if cut else [1, 2])


@pytest.mark.parametrize(("beside", "cut"), [(0.0, True), (18.0, False)])
def test_who_comes_from_behind_another_cuts_it(beside, cut):
    """A stands; B appears, half covered by A. What was A's box before may have been B's::

    A  ● ● ● ● ● ● ○ ● ● ● ● ●
    B              ○ ▶ ▶ ▶ ▶ ▶
    """
    rows = [(300.0, 20.0, frame, 1) for frame in range(1, 41)]
    rows += [(310.0 + beside + 4 * (frame - 20), 10.0 if frame == 20 else 20.0, frame, 2) for frame in range(20, 41)]
    x, wide, frame, track = np.array(sorted(rows, key=lambda row: row[2])).T
    boxes = np.column_stack([x, np.full(len(x), 100), wide, np.full(len(x), 50)])
    detections = observations(boxes, np.ones(len(x)), frame.astype(int))
    tracklets = found(detections, track.astype(int))
    assert detections[(tracklets.of < 0) & (track == 1), 4].tolist() == ([20] if cut else [])
    assert tracklets.track.tolist() == ([1, 1, 2] if cut else [1, 2])
    learned = find_tracklets(detections, track.astype(int), np.ones(len(detections)), hidden=0)
    assert learned.track.tolist() == [1, 2]


@given(seed=st.integers(0, 10_000))
def test_looking_around_frame_by_frame_is_the_same(seed):
    """The online tracker does, and remembers where tracks were seen last."""
    rng = np.random.default_rng(seed)
    kept = rng.random(160) < 0.7
    frame, track = np.repeat(np.arange(1, 41), 4)[kept], np.tile(np.arange(4), 40)[kept]
    centre = np.cumsum(rng.normal(0, 6, (160, 2)), axis=0)[kept] + 100
    detections = observations(np.column_stack([centre, np.full((len(centre), 2), 40)]), np.ones(len(centre)), frame)
    rows = np.arange(len(detections))
    starts = np.append(np.flatnonzero(np.diff(frame, prepend=-1)), len(rows))
    whole = find_surroundings(detections, rows, starts, track, *unseen(4), HIDDEN)
    state = unseen(4)
    for first, stop in pairwise(starts.tolist()):
        count = stop - first
        one = find_surroundings(
            detections[first:stop], np.arange(count), np.array([0, count]), track[first:stop], *state, HIDDEN
        )
        np.testing.assert_array_equal(one.clear, whole.clear[first:stop])
        np.testing.assert_array_equal(one.relative, whole.relative[first:stop])


@pytest.mark.parametrize("pause", [1, HIDDEN, HIDDEN + 1, 1000])
def test_pauses_of_the_video_write_nowhere_else(pause):
    """All tracks come and go together; as Python, where a place too far is an error."""
    frame = np.repeat(np.cumsum([1, pause, pause, 1, pause]), 3)
    track = np.tile([0, 1, 2], 5)
    boxes = np.column_stack([60.0 * track, np.zeros(15), np.full(15, 20), np.full(15, 40)])
    detections = observations(boxes, np.ones(15), frame)
    around = find_surroundings.py_func(detections, np.arange(15), np.arange(0, 16, 3), track, *unseen(3), HIDDEN)
    assert around.clear.all()


def test_nothing_gives_nothing():
    detections, track = crossing()
    assert len(found(detections[:0], track[:0])) == 0
    none = found(detections, np.zeros_like(track))
    assert len(none) == 0
    assert tracklet_graph(none, VIEW, 6, 60).links.shape == (2, 0)


def test_candidates_go_forward_and_are_few():
    detections, track = crossing()
    tracklets = found(detections, track)
    graph = tracklet_graph(tracklets, VIEW, 6, 60)
    assert set(map(tuple, graph.links.T.tolist())) == {(0, 1), (0, 3), (2, 1), (2, 3)}
    few = tracklet_graph(tracklets, VIEW, 1, 60)
    # what the tracker linked is always a candidate, and so is what each end's line points at
    assert {(0, 1), (2, 3)} <= set(map(tuple, few.links.T.tolist()))
    assert tracklet_graph(tracklets, VIEW, 6, 1).links.shape[1] == 2


def test_what_is_settled_is_no_candidate():
    """Tracklets 0, 1 and 2, 3: that 1 follows 0 is known."""
    detections, track = crossing()
    settled = Settled(np.array([True, False, False, False]), np.array([False, True, False, False]))
    graph, links = tracklet_graph(found(detections, track), VIEW, 6, 60, settled)
    assert links.tolist() == [[2], [3]]
    assert (len(graph.past), len(graph.future)) == (1, 1)
    assert graph.ends.tolist() == [[0], [0]]


@given(
    boxes=st.integers(1, 60),
    tracks=st.integers(1, 6),
    seed=st.integers(0, 10_000),
)
def test_features_are_finite_and_mirrors_agree(boxes, tracks, seed):
    rng = np.random.default_rng(seed)
    frame = np.sort(rng.integers(1, 15, boxes))
    xywh = np.column_stack([rng.uniform(0, 200, (boxes, 2)), rng.uniform(5, 80, (boxes, 2))])
    track = rng.integers(0, tracks + 1, boxes)
    _, first = np.unique(np.stack([frame, track]), axis=1, return_index=True)
    once = np.isin(np.arange(boxes), first)
    track[~once] = 0
    detections = observations(xywh, rng.uniform(0, 1, boxes), frame)
    mirrored = detections.copy()
    mirrored[:, 0] = 640 - mirrored[:, 0]
    graphs = [
        tracklet_graph(found(one, track, np.full(boxes, 0.5)), VIEW, 6, 60).graph for one in (detections, mirrored)
    ]
    for name, width in (("past", TRACKLET_FEATURES), ("edge_attr", TRACKLET_PAIR_FEATURES)):
        one, other = (getattr(graph, name) for graph in graphs)
        assert one.shape[1] == width
        assert np.isfinite(one).all()
        np.testing.assert_allclose(one, other, atol=1e-3)


@pytest.mark.parametrize("pan", [0.0, 5.0])
def test_the_camera_is_where_the_tracks_say(pan):
    """Three people who stand still before a camera that goes right: they go left."""
    time = np.repeat(np.arange(10), 3)
    left = np.tile([100.0, 200.0, 300.0], 10) - pan * time
    detections = observations(
        np.column_stack([left, np.full((30, 1), 50.0), np.full((30, 2), 20.0)]), np.ones(30), time + 1
    )
    tracklets = found(detections, np.tile([1, 2, 3], 10))
    np.testing.assert_allclose(tracklets.tail.camera - tracklets.head.camera, [[-9 * pan, 0.0]] * 3)


@pytest.mark.parametrize(("away", "clear"), [(22.0, False), (24.0, True)])
def test_half_of_what_two_boxes_cover_together_is_the_limit(away, clear):
    """Boxes of heights 80 and 60, one below the other: they share 48 or 46 of 92 or 94 pixels of height."""
    detections = np.array([[50.0, 100, 40, 80, 1, 1], [50.0, 100 + away, 40, 60, 1, 1]])
    around = find_surroundings(detections, np.arange(2), np.array([0, 2]), np.arange(2), *unseen(2), 0)
    assert around.clear.tolist() == [clear, clear]
    np.testing.assert_allclose(around.relative[:, 1], [np.log(80 / 60) / 2, -np.log(80 / 60) / 2])


def test_only_tracklets_of_one_group_are_candidates():
    detections, track = crossing()
    person = np.tile([1.0, 2.0], len(detections) // 2)
    tracklets = find_tracklets(detections, track, np.full(len(detections), 0.9), groups=person)
    assert tracklets.group.tolist() == [1.0, 1.0, 2.0, 2.0]
    assert tracklet_graph(tracklets, VIEW, 6, 60).links.tolist() == [[0, 2], [1, 3]]
    assert tracklet_graph(found(detections, track), VIEW, 6, 60).links.shape[1] == 4
