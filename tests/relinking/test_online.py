"""Identities online: exchanges are shown back once they can be seen, and nothing else changes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gnntrack.association.histories import observations
from gnntrack.models import (
    RelinkingSettings,
    RelinkingStageSettings,
    TrackletMember,
    TrackletNetwork,
    TrackletNetworkSettings,
)
from gnntrack.relinking import correction, scoring, window
from gnntrack.relinking.cutting import SHORTEST
from gnntrack.relinking.online import PAUSE, Identities
from gnntrack.relinking.settling import exchanged, settle
from gnntrack.relinking.tracklets import find_tracklets
from gnntrack.relinking.window import WINDOW
from gnntrack.training.relinking_training import fit_member
from tests.relinking.test_tracklets import VIEW, crossing
from tests.training.test_relinking_training import graphs

#: Frames for which the tracker keeps lost tracks.
MEMORY = 60
SHAPE = TrackletNetworkSettings(hidden=8, rounds=1, members=1)


@pytest.fixture(scope="module")
def network() -> TrackletNetwork:
    """Has learned that people walk straight on."""
    torch.manual_seed(0)
    network = TrackletNetwork(SHAPE)
    member = network.members[0]
    assert isinstance(member, TrackletMember)
    fit_member(member, (graphs(range(20)), []), RelinkingStageSettings(steps=150, batch_size=4, learning_rate=1e-2), 0)
    return network.eval()


def shown(network, detections, track, probability=0.5, **changed) -> np.ndarray:
    """Frame by frame, as the tracker asks."""
    identities = Identities(network.compiled(), RelinkingSettings(**changed), VIEW, MEMORY)
    result = np.zeros_like(track)
    for frame in np.unique(detections[:, 4]):
        here = detections[:, 4] == frame
        result[here] = identities.show(detections[here], track[here], np.full(here.sum(), probability))
    return result


def test_an_exchange_is_shown_back_when_it_can_be_seen(network):
    """Before, and while they cannot be told apart, the tracker's word counts; from the third clear frame on, the
    network's::

        person 1   1 1 1 1 ○ ○ 2 2 1 1 1 1
        person 2   2 2 2 2 ○ ○ 1 1 2 2 2 2
    """
    detections, track = crossing(exchanged=True)
    person = np.tile([1, 2], len(detections) // 2)
    result = shown(network, detections, track)
    right = (result == person).reshape(-1, 2)
    np.testing.assert_array_equal(right[:, 0], right[:, 1])
    wrong = np.flatnonzero(~right[:, 0])
    assert wrong[0] == 20  # where `crossing` exchanges them
    assert len(wrong) <= 5 + SHORTEST + PAUSE + 1  # five unclear frames after the exchange
    np.testing.assert_array_equal(wrong, np.arange(wrong[0], wrong[-1] + 1))


def test_a_correction_is_computed_over_two_frames(monkeypatch):
    """One of three members in the frame that asks for it, the others in the next, which shows what they find."""
    torch.manual_seed(0)
    network = TrackletNetwork(TrackletNetworkSettings(hidden=8, rounds=1, members=3)).eval().compiled()
    asked: list[int] = []
    score = scoring.fast_associate
    monkeypatch.setattr(scoring, "fast_associate", lambda *given, **named: (asked.append(0), score(*given, **named))[1])
    identities = Identities(network, RelinkingSettings(), VIEW, MEMORY)
    detections, track = crossing(exchanged=True)
    counts = []
    for frame in np.unique(detections[:, 4]):
        here = detections[:, 4] == frame
        asked.clear()
        identities.show(detections[here], track[here], np.full(here.sum(), 0.5))
        counts.append(len(asked))
    assert set(counts) == {0, 1, 2}
    begun = [frame for frame, count in enumerate(counts) if count == 1]
    assert [counts[frame + 1] for frame in begun] == [2] * len(begun)


@pytest.mark.parametrize("lag", [0, 12])
def test_a_stream_that_is_cut_between_the_two_halves_goes_on(network, lag):
    """Cut after every frame: what the second half finds is kept, and shown no sooner than without the cut."""
    detections, track = crossing(exchanged=True)
    make = lambda: Identities(network.compiled(), RelinkingSettings(), VIEW, MEMORY, lag)  # noqa: E731
    whole, cut, begun = make(), make(), 0
    frames = np.unique(detections[:, 4]).astype(int)
    for frame in frames:
        here = detections[:, 4] == frame
        seen = detections[here], track[here], np.full(here.sum(), 0.5)
        np.testing.assert_array_equal(whole.show(*seen), cut.show(*seen))
        state = cut.state()
        begun += "begun.shown" in state
        cut = make()
        cut.restore(state)
        np.testing.assert_array_equal(whole.identities(np.array([1, 2])), cut.identities(np.array([1, 2])))
        if lag and frame - lag >= frames[0]:
            np.testing.assert_array_equal(whole.settled(frame - lag), cut.settled(frame - lag))
    assert begun
    whole.finish()
    cut.finish()
    assert lag == 0 or [whole.settled(f).tolist() for f in frames[-lag:]] == [
        cut.settled(f).tolist() for f in frames[-lag:]
    ]


def test_a_correction_that_the_last_frame_has_begun_is_made(network):
    """With a lag, frames are still reported after the last one: what it asked for counts for them."""
    detections, track = crossing(exchanged=True)
    identities = Identities(network.compiled(), RelinkingSettings(), VIEW, MEMORY, lag=30)
    corrected = []
    for frame in np.unique(detections[:, 4]):
        here = detections[:, 4] == frame
        identities.show(detections[here], track[here], np.full(here.sum(), 0.5))
        last = Identities(network.compiled(), RelinkingSettings(), VIEW, MEMORY, lag=30)
        last.restore(identities.state())
        before = last.settled(frame).tolist()
        last.finish()
        corrected.append((before, last.settled(frame).tolist()))
    assert ([2, 1], [1, 2]) in corrected or ([1, 2], [2, 1]) in corrected


def test_who_was_not_exchanged_keeps_the_identity(network):
    detections, track = crossing()
    np.testing.assert_array_equal(shown(network, detections, track), track)


@pytest.mark.parametrize(("probability", "crowd"), [(0.99, 16), (0.5, 1), (0.5, 0)])
def test_the_sure_tracker_and_crowds_are_believed(network, probability, crowd):
    detections, track = crossing(exchanged=True)
    detections[:, 4] += 100
    np.testing.assert_array_equal(shown(network, detections, track, probability, crowd_online=crowd), track)


def test_who_comes_back_is_who_left(network):
    """One person, missed for some frames; the tracker takes the second half for another (track 3)."""
    detections, track = crossing(60)
    first = track == 1
    detections, track = detections[first], track[first]
    away = (detections[:, 4] > 20) & (detections[:, 4] < 27)
    detections, track = detections[~away], np.where(detections[:, 4] > 20, 3, 1)[~away]
    result = shown(network, detections, track)
    assert result[0] == 1
    assert result[-1] == 1
    assert set(result) == {1, 2}


def test_unconfirmed_tracks_stay_so_and_others_are_left_alone(network):
    identities = Identities(network.compiled(), RelinkingSettings(), VIEW, MEMORY)
    detections = observations(np.array([[0.0, 0, 20, 50], [100, 0, 20, 50], [200, 0, 20, 50]]), np.ones(3), 1)
    assert identities.show(detections, np.array([-4, 0, 9]), np.zeros(3)).tolist() == [-1, 0, 2]
    assert identities.show(detections[:0], np.zeros(0, dtype=np.int64), np.zeros(0)).tolist() == []


def random_video(seed: int, frames: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Boxes in each other's way, of tracks that begin one after another."""
    rng = np.random.default_rng(seed)
    rows = []
    for frame in range(1, frames + 1):
        first = frame // 8
        for track in rng.permutation(np.arange(first + 1, first + 1 + rng.integers(1, 5))):
            rows.append((*rng.uniform(0, 60, 2), *rng.uniform(20, 60, 2), frame, track))
    table = np.array(rows)
    return observations(table[:, :4], np.full(len(table), 0.9), table[:, 4]), table[:, 5].astype(np.int64)


@settings(max_examples=15)
@given(seed=st.integers(0, 1000))
def test_one_box_an_identity_and_no_future(seed):
    torch.manual_seed(seed)
    network = TrackletNetwork(SHAPE).eval()
    detections, track = random_video(seed)
    whole = shown(network, detections, track)
    assert (whole > 0).all()
    assert len(np.unique(np.stack([detections[:, 4], whole]), axis=1).T) == len(detections)
    early = detections[:, 4] <= 25
    np.testing.assert_array_equal(shown(network, detections[early], track[early]), whole[early])


def test_memory_does_not_grow(network):
    identities = Identities(network.compiled(), RelinkingSettings(), VIEW, 10)
    sizes = []
    for frame in range(1, 6 * WINDOW):
        left = 100.0 + 30 * np.sin(frame / 7.0)
        boxes = np.array([[left, 0.0, 40, 90], [200 - left, 5.0, 40, 90]])
        tracks = np.array([1, 2]) + 2 * (frame // 40)
        identities.show(observations(boxes, np.ones(2), frame), tracks, np.full(2, 0.5))
        sizes.append((len(identities._window._table), len(identities._known.tracks), identities._decided.shape[1]))
    half = len(sizes) // 2
    assert np.max(sizes[half:], axis=0).tolist() == np.max(sizes, axis=0).tolist()
    assert max(size[0] for size in sizes) < 10 * WINDOW
    assert max(size[1] for size in sizes) <= 4


@given(st.permutations(range(1, 8)), st.permutations(range(1, 8)), st.integers(0, 127))
def test_an_exchange_leaves_nobody_without_an_identity(old, new, mask):
    given_ones = np.where([mask >> bit & 1 for bit in range(7)], new, 0)
    result = exchanged(np.array(old), given_ones)
    assert sorted(result) == list(range(1, 8))
    np.testing.assert_array_equal(result[given_ones > 0], given_ones[given_ones > 0])


def after_a_vote(monkeypatch, first: int, now: tuple[int, int]) -> list[int]:
    """Two people apart for 20 frames; up to frame ``first`` they showed 5 and 6, then 6 and 5. No link is made."""
    identities = Identities(TrackletNetwork(SHAPE).eval().compiled(), RelinkingSettings(), VIEW, MEMORY)
    for frame in range(1, 21):
        boxes = np.array([[0.0, 0, 20, 50], [200.0, 0, 20, 50]])
        identities.show(observations(boxes, np.ones(2), frame), np.array([1, 2]), np.ones(2))
    rows = identities._window.rows
    early = rows[:, 4] <= first
    rows[:, window.SHOWN] = np.where(early == (rows[:, window.TRACK] == 1), 5, 6)
    identities._known = identities._known._replace(shown=np.array(now))
    monkeypatch.setattr(correction, "choose", lambda *unused, **named: np.zeros((2, 0), dtype=np.int64))
    identities._begin(20)
    identities.finish()
    return identities._known.shown.tolist()


@pytest.mark.parametrize("now", [(6, 5), (5, 6)])
def test_what_is_shown_now_decides_a_draw(monkeypatch, now):
    """Ten boxes each way: they keep what they show. It decides nothing else: eleven to nine is no draw."""
    assert after_a_vote(monkeypatch, 10, now) == list(now)
    assert after_a_vote(monkeypatch, 11, now) == [5, 6]
    assert after_a_vote(monkeypatch, 9, now) == [6, 5]


def test_the_window_holds_what_is_said_of_each_tracked_box():
    """The first detection belongs to nobody; of the others it is written down if they are clear, and their size."""
    identities = Identities(TrackletNetwork(SHAPE).eval().compiled(), RelinkingSettings(), VIEW, MEMORY)
    boxes = np.array([[0.0, 0, 99, 99], [100, 0, 20, 40], [102, 0, 20, 40], [300, 0, 40, 80]])
    detections = observations(boxes, np.array([0.1, 0.2, 0.3, 0.4]), 1)
    identities.show(detections, np.array([0, 3, 1, 2]), np.array([0.0, 0.5, 0.6, 0.7]))
    rows = identities._window.rows
    np.testing.assert_allclose(rows[:, :6], detections[1:])
    assert rows[:, window.TRACK].tolist() == [3, 1, 2] and rows[:, window.PROBABILITY].tolist() == [0.5, 0.6, 0.7]
    assert rows[:, window.CLEAR].tolist() == [0, 0, 1]  # the two overlap
    np.testing.assert_allclose(rows[:, window.RELATIVE], np.log(2) * np.array([[0, 0], [0, 0], [1, 1]]))
    assert identities._known.clear.tolist() == [0, 1, 0] and identities._known.least.tolist() == [0.6, 0.7, 0.5]


@pytest.mark.parametrize(("begun", "stands"), [(39, True), (40, False)])
def test_what_began_more_than_sixty_frames_ago_stands(begun, stands):
    """Two pieces of one track, the second from frame 39 or 40; it is frame 100."""
    frames = [*range(20, 26), *range(begun, begun + 6)]
    boxes = np.array([[3.0 * frame, 0, 20, 50] for frame in frames])
    track = np.array([1] * 6 + [2] * 6)
    tracklets = find_tracklets(observations(boxes, np.ones(12), np.array(frames)), track, np.ones(12))
    settled = settle(tracklets, np.array([[0], [1]]), 100)
    assert settled.head.tolist() == [True, stands] and settled.tail.tolist() == [stands, False]


def test_with_a_lag_an_exchange_is_never_reported(network):
    """The weakest of the tracker's links through the crossing is where the tracks exchange their identities::

    person 1   1 1 1 1 ○ ○ 1 1 1 1
    person 2   2 2 2 2 ○ ○ 2 2 2 2
    """
    detections, track = crossing(exchanged=True)
    person = np.tile([1, 2], len(detections) // 2)
    probability = np.where(detections[:, 4] == 21, 0.3, 0.7)  # `crossing` exchanges them there
    lag = 5 + SHORTEST + PAUSE
    identities = Identities(network.compiled(), RelinkingSettings(), VIEW, MEMORY, lag)
    frames = np.unique(detections[:, 4]).astype(int)
    settled = []
    for frame in [*frames, *range(frames[-1] + 1, frames[-1] + 1 + lag)]:
        here = detections[:, 4] == frame
        identities.show(detections[here], track[here], probability[here])
        if frame - lag >= frames[0]:
            settled.append(identities.settled(frame - lag))
    np.testing.assert_array_equal(np.concatenate(settled), person)


def test_tracks_of_other_groups_do_not_exchange_identities(network):
    """The crossing above, where the exchange is shown back; not if the two are of different groups."""
    detections, track = crossing(exchanged=True)
    kind = track.astype(float)
    identities = Identities(network.compiled(), RelinkingSettings(), VIEW, MEMORY)
    for frame in np.unique(detections[:, 4]):
        here = detections[:, 4] == frame
        ids = identities.show(detections[here], track[here], np.full(here.sum(), 0.5), kind[here])
        np.testing.assert_array_equal(ids, track[here])
