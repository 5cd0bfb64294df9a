"""The class of a track by vote: frame by frame, and of finished tracks."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gnntrack.tracking.class_votes import MOST_CLASSES, ClassVotes, elected


def counted(votes, identity, kind, confidence, frame):
    rows = np.zeros((len(identity), 6))
    rows[:, 4], rows[:, 5] = confidence, kind
    return votes.count(np.asarray(identity), rows, frame).tolist()


def test_a_flip_changes_nothing_and_a_majority_wins():
    votes = ClassVotes(60)
    said = [counted(votes, [1], [kind], [0.5], frame)[0] for frame, kind in enumerate([3, 3, 4, 3, 4, 4, 4])]
    assert said == [3, 3, 3, 3, 3, 3, 4]  # three against three: what it was


def test_confident_detections_count_more():
    votes = ClassVotes(60)
    assert [counted(votes, [1], [kind], [conf], 1)[0] for kind, conf in [(3, 0.25), (3, 0.25), (4, 0.75)]] == [3, 3, 4]


def test_tracks_that_are_not_confirmed_vote_and_boxes_without_a_track_do_not():
    votes = ClassVotes(60)
    assert counted(votes, [-5, 0], [3, 4], [0.9, 0.9], 1) == [3, 4]
    assert counted(votes, [5, 0], [4, 9], [0.5, 0.9], 2) == [3, 9]
    assert votes.of(np.array([5, 6]), -1).tolist() == [3, -1]


@st.composite
def streams(draw):
    """Frames of identities in any order, some of them back after a while; with classes and confidences in eighths."""
    frames = draw(st.lists(st.sets(st.integers(1, 12), max_size=6), min_size=1, max_size=25))
    rows = st.tuples(st.integers(0, 3), st.integers(0, 8).map(lambda eighths: eighths / 8))
    return [[(identity, *draw(rows)) for identity in draw(st.permutations(sorted(here)))] for here in frames]


@given(streams())
def test_votes_equal_a_plain_count(stream):
    votes, plain, now = ClassVotes(1000), {}, {}
    for frame, here in enumerate(stream):
        for identity, kind, confidence in here:
            count = plain.setdefault(identity, Counter())
            count[kind] += confidence
            now.setdefault(identity, kind)
            if count[kind] > count[now[identity]]:
                now[identity] = kind
        columns = list(zip(*here, strict=True)) or [[], [], []]
        identities = np.array(columns[0], dtype=np.int64)
        assert counted(votes, identities, *columns[1:], frame) == [now[each] for each in identities.tolist()]


@given(streams())
def test_finished_tracks_equal_a_plain_count(stream):
    rows = [row for here in stream for row in here]
    identity, kind, confidence = (np.array(column) for column in zip(*rows, strict=True)) if rows else np.zeros((3, 0))
    count = {each: Counter() for each in identity.tolist()}
    for each, said, weight in rows:
        count[each][said] += weight
    expected = [max(count[each], key=count[each].__getitem__) for each in identity.tolist()]  # the first of the largest
    assert elected(identity, kind, confidence).tolist() == expected


def test_what_is_not_seen_for_long_is_forgotten_and_room_is_bounded():
    votes = ClassVotes(10)
    for frame in range(2000):
        counted(votes, np.arange(3 * frame + 1, 3 * frame + 4), [frame % 5] * 3, [0.9] * 3, frame)
    assert len(votes._identity) <= 256
    assert votes.of(np.array([3, 5998]), -1).tolist() == [-1, 1999 % 5]


def test_more_classes_than_are_remembered():
    """The class with the fewest votes gives way, never the one that it has now."""
    votes = ClassVotes(60)
    kinds = [7, 7, *range(100, 100 + 3 * MOST_CLASSES), 7]
    assert {counted(votes, [1], [kind], [0.5], 1)[0] for kind in kinds} == {7}
