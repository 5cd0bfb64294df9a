"""Crossings decided afterwards: exchanges are undone, no box is lost or counted twice."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gnntrack.association.histories import observations
from gnntrack.models import TrackletNetwork, TrackletNetworkSettings
from gnntrack.relinking.compiled_network import CompiledTrackletNetwork
from gnntrack.relinking.joining import join_tracklets
from gnntrack.relinking.offline import relink
from gnntrack.relinking.settings import RelinkingSettings
from gnntrack.relinking.surroundings import Surroundings
from gnntrack.relinking.tracklets import find_tracklets
from gnntrack.sequence import View
from gnntrack.tracking.row_links import RowLinks, tracks_of_links
from tests.relinking.test_tracklets import VIEW, crossing, found
from tests.tracking.links import links_of_tracks


@pytest.fixture
def network() -> CompiledTrackletNetwork:
    torch.manual_seed(0)
    return TrackletNetwork(TrackletNetworkSettings(hidden=8, rounds=1)).eval().compiled()


def same(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two labellings differ in names only."""
    pairs = set(zip(one.tolist(), other.tolist(), strict=True))
    return len(pairs) == len(np.unique(one)) == len(np.unique(other))


def test_an_exchange_is_undone():
    """Tracklets 0, 1 are of track 1, and 2, 3 of track 2; the true links are 0 → 3 and 2 → 1."""
    detections, track = crossing(exchanged=True)
    _, truth = crossing()
    tracklets = found(detections, track)
    assert same(join_tracklets(detections, track, tracklets, np.array([[0, 2], [1, 3]])), track)
    mended = join_tracklets(detections, track, tracklets, np.array([[0, 2], [3, 1]]))
    assert same(mended[tracklets.of >= 0], truth[tracklets.of >= 0])
    # where both stand at the same place, whose box is whose cannot be known
    apart = np.abs(detections[:, 4] - 21) > 1
    assert same(mended[apart], truth[apart])


def test_boxes_before_and_after_belong_to_the_nearest_tracklet():
    detections, track = crossing()
    late = detections[:, 4] > 18  # both begin in the crossing
    detections, track = detections[late], track[late]
    tracklets = found(detections, track)
    assert len(tracklets) == 2
    assert same(join_tracklets(detections, track, tracklets, np.zeros((2, 0), dtype=np.int64)), track)


def test_without_links_the_pieces_are_tracks():
    detections, track = crossing()
    cut = join_tracklets(detections, track, found(detections, track), np.zeros((2, 0), dtype=np.int64))
    assert len(np.unique(cut)) == 4
    assert (cut > 0).all()


def test_nothing(network):
    detections, track = crossing()
    assert relink(
        detections, np.zeros_like(track), np.zeros(len(detections)), VIEW, network, RelinkingSettings()
    ).tolist() == [0] * len(detections)
    assert len(relink(detections[:0], track[:0], np.zeros(0), VIEW, network, RelinkingSettings())) == 0


@settings(max_examples=60)
@given(boxes=st.integers(1, 80), tracks=st.integers(1, 6), seed=st.integers(0, 10_000))
def test_every_tracked_box_keeps_one_track(boxes, tracks, seed):
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    network = TrackletNetwork(TrackletNetworkSettings(hidden=8, rounds=1)).eval().compiled()
    frame = np.sort(rng.integers(1, 20, boxes))
    detections = observations(
        np.column_stack([rng.uniform(0, 60, (boxes, 2)), rng.uniform(20, 80, (boxes, 2))]),
        rng.uniform(0, 1, boxes),
        frame,
    )
    track = rng.integers(0, tracks + 1, boxes)
    _, first = np.unique(np.stack([frame, track]), axis=1, return_index=True)
    track[~np.isin(np.arange(boxes), first)] = 0
    new = relink(
        detections,
        track,
        rng.uniform(0, 1, boxes),
        View(640, 480, 25),
        network,
        RelinkingSettings(threshold=0.1, crowd=100),
    )
    assert ((new > 0) == (track > 0)).all()
    used = new > 0
    assert len(np.unique(np.stack([frame[used], new[used]]), axis=1).T) == used.sum()


def test_tracks_and_links_are_two_forms_of_one_thing():
    track = np.array([1, 2, 1, 0, 2, 1])
    links = links_of_tracks(track)
    assert links.tolist() == [[0, 2, 1], [2, 5, 4]]
    assert same(tracks_of_links(RowLinks.of(links, 6)), track)


@pytest.mark.parametrize("crowd", [0, 1, 2])
def test_in_crowds_the_trackers_links_stay(network, crowd):
    """Two people are more than one; the network says "no link" to everything."""
    detections, track = crossing()
    for member in network.members:
        member.head.bias.fill(-50.0)
    new = relink(detections, track, np.full(len(detections), 0.5), VIEW, network, RelinkingSettings(crowd=crowd))
    assert len(np.unique(new)) == (2 if crowd < 2 else 4)


def test_boxes_of_a_crossing_lie_on_the_lines_of_the_links():
    """A walks right, B left, 4 pixels lower; from frame 6 to 10 no box is clear, and in frame 8 the tracker exchanges.

    ::

        A   ● ● ● ● ●  ○ ○ ○ ○ ○  ● ● ● ● ●      track 1 follows A to frame 7, then B
        B   ● ● ● ● ●  ○ ○ ○ ○ ○  ● ● ● ● ●
    """
    rows = [(person, frame) for frame in range(1, 16) for person in (1, 2)]
    place = {1: lambda frame: (10.0 * frame, 70.0), 2: lambda frame: (160 - 10.0 * frame, 74.0)}
    detections = np.array([(*place[person](frame), 30, 60, frame, 1) for person, frame in rows])
    truth, frame = np.array(rows).T
    track = np.where(frame < 8, truth, 3 - truth)
    clear = (frame < 6) | (frame > 10)
    tracklets = find_tracklets(
        detections, track, np.ones(len(detections)), Surroundings(clear, np.zeros((len(detections), 2)))
    )
    assert tracklets.track.tolist() == [1, 1, 2, 2]
    joined = join_tracklets(detections, track, tracklets, np.array([[0, 2], [3, 1]]))
    np.testing.assert_array_equal(joined, np.where(truth == 1, 1, 3))


@settings(max_examples=60)
@given(boxes=st.integers(1, 80), tracks=st.integers(1, 6), seed=st.integers(0, 10_000))
def test_no_track_is_joined_across_groups(boxes, tracks, seed):
    """Whatever the network says of crossings, and wherever boxes lie between them."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    network = TrackletNetwork(TrackletNetworkSettings(hidden=8, rounds=1)).eval().compiled()
    frame = np.sort(rng.integers(1, 20, boxes))
    box = np.column_stack([rng.uniform(0, 60, (boxes, 2)), rng.uniform(20, 80, (boxes, 2))])
    detections = observations(box, rng.uniform(0, 1, boxes), frame)
    track = rng.integers(1, tracks + 1, boxes)
    _, first = np.unique(np.stack([frame, track]), axis=1, return_index=True)
    track[~np.isin(np.arange(boxes), first)] = 0
    group = np.where(track > 0, track % 2, -1.0)
    shape = View(640, 480, 25), network, RelinkingSettings(threshold=0.01, crowd=100)
    new = relink(detections, track, rng.uniform(0, 1, boxes), *shape, groups=group)
    for each in np.unique(new[new > 0]):
        assert len(np.unique(group[new == each])) == 1
