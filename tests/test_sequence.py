"""Sequence: sorting, slices, and what survives a change."""

import json
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import torch
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
def test_the_order_of_rows_does_not_matter(entries, rng):
    first = sequence_of(entries)
    table = first.boxes.sample(frac=1, random_state=rng.randrange(1000))
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


NUMBERS = [
    (np.int64(64), np.uint8(48), np.float32(29.5), np.int32(7)),
    (np.float64(64), 48.0, np.float16(29.5), np.array(7)),
    (torch.tensor(64), torch.tensor(48.0), torch.tensor(29.5, requires_grad=True), 7),
    (Fraction(64), Decimal(48), Fraction(59, 2), Decimal("7.0")),
]


@pytest.mark.parametrize(("width", "height", "frame_rate", "length"), NUMBERS)
def test_numbers_of_any_type_become_plain_ones(width, height, frame_rate, length):
    table = pd.DataFrame({"frame": [1], "x": 1.0, "y": 1.0, "w": 4.0, "h": 8.0})
    sequence = Sequence("a", table, width, height, frame_rate, length, classes={np.int64(3): "car"}, skipped=np.int8(2))
    kept = [sequence.width, sequence.height, sequence.frame_rate, sequence.length, sequence.skipped, *sequence.classes]
    assert kept == [64, 48, 29.5, 7, 2, 3]
    assert list(map(type, kept)) == [int, int, float, int, int, int]
    assert json.loads(json.dumps(kept)) == kept


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"width": 0}, "a: the image measures 0 × 48; give both in pixels"),
        ({"frame_rate": float("nan")}, "a: frame rate nan; give frames a second, above 0"),
        ({"width": "640"}, "a: width is '640'; give a whole number"),
        ({"height": 48.5}, "a: height is 48.5; give a whole number"),
        ({"height": np.nan}, "a: height is nan; give a whole number"),
        ({"width": Decimal("inf")}, "a: width is a Decimal; give a whole number"),
        ({"width": Decimal("sNaN")}, "a: width is a Decimal; give a whole number"),
        ({"width": None}, "a: width is None; give a whole number"),
        ({"width": True}, "a: width is True; give a whole number"),
        ({"length": [3]}, "a: length is [3]; give a whole number"),
        ({"frame_rate": None}, "a: frame rate is None; give a number"),
        ({"frame_rate": "30"}, "a: frame rate is '30'; give a number"),
        ({"frame_rate": 1 + 2j}, "a: frame rate is (1+2j); give a number"),
        ({"frame_rate": Fraction(10**400)}, "a: frame rate is a Fraction; give a number"),
        ({"frame_rate": Decimal("inf")}, "a: frame rate inf; give frames a second, above 0"),
        ({"classes": {"one": "car"}}, "a: a class is 'one'; give a whole number"),
        ({"length": -1}, "a: length -1; give the number of frames, or 0 if unknown"),
    ],
)
def test_impossible_videos(options, expected):
    table = pd.DataFrame({"frame": [1], "x": 1.0, "y": 1.0, "w": 4.0, "h": 8.0})
    with pytest.raises(DataError) as caught:
        Sequence("a", table, **({"width": 64, "height": 48} | options))
    assert str(caught.value) == expected
