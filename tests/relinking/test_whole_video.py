"""Tracklets, candidates and scores of a whole video, a little at a time: the same as all at once."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gnntrack.association.histories import observations
from gnntrack.geometry.camera_motion import CameraMotion
from gnntrack.models import TrackletNetwork, TrackletNetworkSettings
from gnntrack.relinking import all_candidates, scoring
from gnntrack.relinking.all_candidates import candidates_of_video
from gnntrack.relinking.candidates import Settled, candidates
from gnntrack.relinking.graph import graph_of, pieces_of
from gnntrack.relinking.scoring import mean_logits, score_tracklets, weighed
from gnntrack.relinking.tracklets import Tracklets, find_tracklets
from gnntrack.relinking.whole_video import tracklets_of_video
from gnntrack.scratch import Scratch
from gnntrack.sequence import View

VIEW = View(640, 480, 25.0)


def tracked(seed: int, frames: int = 60, tracks: int = 9) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Observations of short tracks in a small image, the track of each, and the probability of its link."""
    rng = np.random.default_rng(seed)
    rows = []
    for track in range(1, tracks + 1):
        first = rng.integers(1, frames - 10)
        seen = np.arange(first, min(first + rng.integers(2, 40), frames))
        rows += [(frame, track) for frame in seen[rng.random(len(seen)) > 0.1]]
    frame, track = np.array(sorted(rows)).T
    place = np.column_stack([30.0 * (track % 9) + frame * (track % 3), 100 + 5 * (track % 9)])
    box = np.column_stack([place + rng.normal(0, 2, place.shape), np.tile([40.0, 90.0], (len(frame), 1))])
    embeddings = rng.normal(0, 1, (len(frame), 4))
    return observations(box, rng.uniform(0.4, 1, len(frame)), frame, embeddings), track, rng.uniform(0, 1, len(frame))


def assert_equal(one: Tracklets, other: Tracklets) -> None:
    for name, values in vars(one).items():
        theirs = getattr(other, name)
        sides = zip(values, theirs, strict=True) if isinstance(values, tuple) else [(values, theirs)]
        for side, (left, right) in enumerate(sides):
            np.testing.assert_array_equal(left, right, err_msg=f"{name} {side}")


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), rows=st.integers(1, 200))
def test_tracklets_are_those_of_all_tracks_at_once(seed, rows):
    detections, track, probability = tracked(seed)
    groups = track % 2 * 1.0
    whole = find_tracklets(detections, track, probability, groups=groups)
    still, parts = tracklets_of_video(detections, track, probability, groups=groups, scratch=Scratch(rows))
    assert still is detections
    assert_equal(parts, whole)


def test_tracklets_of_a_moving_camera_do_not_depend_on_parts():
    detections, track, probability = tracked(5)
    steps = np.tile(np.eye(2, 3), (60, 1, 1))
    steps[:, :, 2] = np.random.default_rng(0).normal(0, 5, (60, 2))
    (still, whole), (parts_still, parts) = (
        tracklets_of_video(detections, track, probability, CameraMotion(steps), scratch=Scratch(rows))
        for rows in (10**6, 20)
    )
    np.testing.assert_array_equal(still, parts_still)
    assert_equal(parts, whole)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), at_once=st.integers(1, 20), reach=st.integers(1, 60), count=st.integers(1, 6))
def test_candidates_are_those_of_all_ends_at_once(seed, at_once, reach, count):
    rng = np.random.default_rng(seed)
    tracklets = find_tracklets(*tracked(seed))
    settled = Settled(*(rng.random((2, len(tracklets))) < 0.2))
    whole = candidates(pieces_of(tracklets), settled, count, reach)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(all_candidates, "AT_ONCE", at_once)
        parts = candidates_of_video(tracklets, settled, count, reach)
    for name in whole._fields:
        np.testing.assert_array_equal(getattr(parts, name), getattr(whole, name), err_msg=name)


@pytest.mark.parametrize("appearance", [False, True])
@pytest.mark.parametrize("rounds", [1, 2, 3])
def test_scores_are_those_of_all_candidates_at_once(monkeypatch, rounds, appearance):
    torch.manual_seed(rounds)
    shape = TrackletNetworkSettings(hidden=8, rounds=rounds, members=2, appearance=appearance)
    network = TrackletNetwork(shape).eval().compiled()
    tracklets = find_tracklets(*tracked(3, frames=1500, tracks=200))
    open_all = Settled.nothing(len(tracklets))
    links, whole = score_tracklets(tracklets, VIEW, network, open_all)
    found = candidates(pieces_of(tracklets), open_all, shape.candidates, shape.reach.frames(VIEW.frame_rate))
    np.testing.assert_array_equal(links, found.links)
    graph = weighed(network.members, graph_of(found, tracklets, VIEW, appearance), network.usefulness())
    alone = mean_logits(network.members, graph)
    np.testing.assert_array_equal(whole, alone)
    monkeypatch.setattr(scoring, "LINKS_AT_ONCE", 30)
    seen = []
    monkeypatch.setattr(scoring, "graph_of", lambda *given: seen.append(given[0].links.shape[1]) or graph_of(*given))
    np.testing.assert_allclose(score_tracklets(tracklets, VIEW, network, open_all)[1], whole, rtol=1e-5, atol=1e-6)
    assert len(seen) > 5 and max(seen) < len(whole)
