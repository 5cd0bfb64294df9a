"""Sequence: sorting, slices, and what survives a change."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gnntrack import DataError, Sequence

rows = st.lists(st.tuples(st.integers(1, 5), st.integers(-1, 4), st.integers(0, 9)), max_size=30)


def sequence_of(entries, **options):
    known = {}
    for frame, identity, left in entries:
        known[(frame, identity, left if identity < 0 else 0)] = left  # an identity once a frame
    table = pd.DataFrame(
        [(frame, identity, left) for (frame, identity, _), left in known.items()], columns=["frame", "id", "x"]
    )
    return Sequence("a", table.assign(y=1.0, w=4.0, h=8.0), 64, 48, **options)


@given(rows, st.randoms())
def test_the_order_of_rows_does_not_matter(entries, random):
    first = sequence_of(entries)
    table = first.boxes.sample(frac=1, random_state=random.randrange(1000))
    pd.testing.assert_frame_equal(Sequence("a", table, 64, 48).boxes, first.boxes)


@given(rows)
def test_frames_and_slices_agree(entries):
    sequence = sequence_of(entries)
    assert (np.diff(sequence.frames) >= 0).all()
    assert sum(rows.stop - rows.start for _, rows in sequence.by_frame()) == len(sequence)
    for frame, rows_of_frame in sequence.by_frame():
        assert sequence.rows_of(frame) == rows_of_frame
        assert (sequence.frames[rows_of_frame] == frame).all()


def test_embeddings_travel_with_their_boxes():
    table = pd.DataFrame({"frame": [3, 1, 2], "x": 1.0, "y": 1.0, "w": 4.0, "h": 8.0})
    sequence = Sequence("a", table, 64, 48, embeddings=np.array([[3.0], [1.0], [2.0]]))
    assert sequence.embeddings[:, 0].tolist() == [1.0, 2.0, 3.0]
    assert sequence.take(sequence.frames > 1).embeddings[:, 0].tolist() == [2.0, 3.0]


def test_class_names_and_length_survive_a_change_of_identities():
    sequence = sequence_of([(1, 1, 0)], length=9, classes={1: "person"})
    after = sequence.without_ids()
    assert (after.length, after.classes, after.boxes["id"].tolist()) == (9, {1: "person"}, [-1])


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"width": 0}, "a: the picture measures 0 × 48; give both in pixels"),
        ({"frame_rate": float("nan")}, "a: frame rate nan; give frames a second, above 0"),
        ({"length": -1}, "a: length -1; give the number of frames, or 0 if unknown"),
    ],
)
def test_impossible_videos(options, expected):
    table = pd.DataFrame({"frame": [1], "x": 1.0, "y": 1.0, "w": 4.0, "h": 8.0})
    with pytest.raises(DataError) as caught:
        Sequence("a", table, **({"width": 64, "height": 48} | options))
    assert str(caught.value) == expected
