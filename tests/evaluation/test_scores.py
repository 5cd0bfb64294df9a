"""What is read off the matches besides TrackEval's metrics, on drawings small enough to count by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from gnntrack.evaluation import idf1
from gnntrack.evaluation.assignment import solve, solve_tiny
from gnntrack.evaluation.errors import count_errors, find_errors
from gnntrack.evaluation.idf1 import identity_true_positives
from gnntrack.evaluation.matches import match
from gnntrack.evaluation.numbers import numbered
from gnntrack.evaluation.scene import Overlaps, Scene
from gnntrack.evaluation.scores import Score, combine
from gnntrack.sequence import Sequence


def draw(text: str) -> Sequence:
    """Boxes from a drawing: a row is a place, a column a frame, a digit an id, ``.`` nothing. Places never overlap."""
    rows = []
    for place, line in enumerate(line.split() for line in text.strip().splitlines()):
        rows += [(frame, int(cell), place * 20.0) for frame, cell in enumerate(line, 1) if cell != "."]
    table = pd.DataFrame(rows, columns=["frame", "id", "y"]).assign(x=0.0, w=10.0, h=10.0)
    return Sequence("toy", table, width=100, height=200, length=20)


def score(truth: str, tracks: str) -> dict[str, float]:
    return Score.of(match(Scene.of(draw(truth), draw(tracks)))).metrics()


def test_purity_and_completeness():
    """Track 7 has three boxes on object 1, one on object 2 and one on nothing; object 1 has a box of track 8 as well.

    truth   1 1 1 1 . 1        tracks   7 7 7 8 . .
            2 2 2 2 2 .                 . . . 7 . .
            . . . . . .                 . . . . 7 .
    """
    row = score("1 1 1 1 . 1\n2 2 2 2 2 .\n. . . . . .", "7 7 7 8 . .\n. . . 7 . .\n. . . . 7 .")
    assert row["purity"] == pytest.approx((3 + 1) / 6)
    assert row["completeness"] == pytest.approx((3 + 1) / 10)


def test_frames_to_the_first_switch():
    """Object 1 switches three frames after its first match; 2 never does, 4 frames to its end; 3 is never found.

    truth   1 1 1 1 1 1        tracks   . 7 7 7 8 8
            2 2 2 2 2 .                 9 9 . . . .
            3 3 . . . .                 . . . . . .
    """
    row = score("1 1 1 1 1 1\n2 2 2 2 2 .\n3 3 . . . .", ". 7 7 7 8 8\n9 9 . . . .\n. . . . . .")
    assert row["frames_to_switch"] == (3 + 4) / 2


def test_lengths_of_tracks():
    row = score("1 1 1 1 1", "7 7 7 7 8")
    assert (row["tracks"], row["track_length_mean"], row["track_length_median"]) == (2, 2.5, 2.5)
    assert (row["track_length_quarter"], row["track_length_three_quarters"]) == (1.75, 3.25)


def test_fragmentations_of_both_definitions():
    """Missed in between: both count it. Not annotated in between: only TrackEval does.

    truth   1 1 1 1        tracks   7 . 7 7
            2 . 2 .                 8 . 8 .
            3 3 3 3                 9 9 9 9
    """
    row = score("1 1 1 1\n2 . 2 .\n3 3 3 3", "7 . 7 7\n8 . 8 .\n9 9 9 9")
    assert (row["fragmentations"], row["frag"]) == (1, 2)


def test_scores_add_up_to_that_of_all_videos():
    one, two = (Score.of(match(Scene.of(draw("1 1 1"), draw(text)))) for text in ("7 7 8", "7 . 7"))
    both = combine([one, two]).metrics()
    assert (both["idsw"], both["misses"], both["objects"], both["tracks"]) == (1, 1, 6, 3)
    assert both["mota"] == pytest.approx(1 - 2 / 6)
    with pytest.raises(ValueError, match="no scores"):
        combine([])


def test_events_table_counts_what_the_metrics_count():
    truth, tracks = draw("1 1 1 1\n2 2 . 2"), draw("7 7 8 8\n. 9 9 9")
    matches = match(Scene.of(truth, tracks))
    row, counts = Score.of(matches).metrics(), matches.table()["kind"].value_counts()
    assert (counts["switch"], counts["miss"], counts["false_positive"]) == (row["idsw"], row["misses"], 1)
    assert row["false_positives"] == 1
    assert count_errors(find_errors(truth, tracks))["fragmentations"] == row["fragmentations"]


def shared(rng: np.random.Generator, objects: int, tracks: int, boxes: int) -> tuple[Overlaps, np.ndarray, np.ndarray]:
    """Boxes, each of a chance object and a chance track that overlap wholly."""
    rows = np.arange(boxes)
    item, name = rng.integers(0, objects, boxes), rng.integers(0, tracks, boxes)
    return Overlaps(rows, rows, np.ones(boxes)), item, name


@pytest.mark.parametrize("dense", [0, 1 << 22])
@pytest.mark.parametrize("seed", range(6))
def test_identities_are_paired_best(monkeypatch, seed, dense):
    """The sum of the best pairing, from the whole matrix; once with every component solved as a sparse problem."""
    monkeypatch.setattr(idf1, "DENSE", dense)
    rng = np.random.default_rng(seed)
    overlaps, item, name = shared(rng, int(rng.integers(1, 30)), int(rng.integers(1, 60)), 200)
    table = np.zeros((item.max() + 1, name.max() + 1))
    np.add.at(table, (item, name), 1)
    assert identity_true_positives(overlaps, item, name) == table[linear_sum_assignment(table, maximize=True)].sum()


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=5, unique=True), st.data())
def test_small_problems_are_solved_alike_and_ties_are_said(pairs, data):
    scores = data.draw(st.lists(st.sampled_from([0.5, 0.6, 0.75, 1.0]), min_size=len(pairs), max_size=len(pairs)))
    row, column = (list(side) for side in zip(*sorted(pairs), strict=True))
    tiny = solve_tiny(row, column, scores, 1e-12)
    general = solve(np.array(row), np.array(column), np.array(scores), 1e-12)
    assert (tiny is None) == (general is None)
    if tiny is not None and general is not None:
        assert sorted(tiny) == sorted(general)


@given(st.lists(st.integers(-5, 5) | st.sampled_from([10**12, -(10**15)])))
def test_numbers_are_those_of_unique(values):
    names, number = numbered(np.array(values, dtype=np.int64))
    expected = np.unique(np.array(values, dtype=np.int64), return_inverse=True)
    np.testing.assert_array_equal(names, expected[0])
    np.testing.assert_array_equal(number, expected[1])
