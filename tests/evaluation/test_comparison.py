"""Results side by side: differences, their intervals, classes of videos, and text that names cannot break."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest

from gnntrack.errors import DataError
from gnntrack.evaluation.comparison import DENSITIES, compare
from gnntrack.evaluation.output import Block, comparison_as, latex, markdown, rows_as
from gnntrack.evaluation.report import evaluate, score_all
from gnntrack.evaluation.scores import combine, resampled
from tests.conftest import make_sequence


def video(seed, objects, frames=12, cut=1):
    """Some objects side by side, and a result whose tracks begin anew every ``cut`` frames, with jitter."""
    rng = np.random.default_rng(seed)
    rows = [(f, i, 40.0 * i, 2.0 * f, 20.0, 40.0) for f in range(1, frames + 1) for i in range(objects)]
    result = [(f, i + 100 * (f // cut), x + rng.normal(0, 2), y, w, h) for f, i, x, y, w, h in rows]
    return make_sequence(rows), make_sequence(result)


@pytest.fixture(scope="module")
def pairs():
    """Six videos from 2 to 17 objects, and two results: one cuts tracks every 4 frames, one every 6."""
    counts = dict(zip("abcdef", (2, 5, 8, 9, 14, 17), strict=True))
    return {
        label: {name: video(seed, count, cut=cut) for seed, (name, count) in enumerate(counts.items())}
        for label, cut in (("four", 4), ("six", 6))
    }


@pytest.fixture(scope="module")
def comparison(pairs):
    return compare({label: score_all(each) for label, each in pairs.items()})


def test_differences_are_those_of_the_two_evaluations(pairs, comparison):
    four, six = evaluate(pairs["four"])["COMBINED"], evaluate(pairs["six"])["COMBINED"]
    found = comparison.differences["six"]
    assert list(comparison.differences) == ["six"]
    for metric in ("hota", "mota", "idf1", "idsw"):
        assert found[metric].value == pytest.approx(six[metric] - four[metric])
    assert found["idsw"].value < 0 < found["hota"].value
    assert (found["idsw"].wins, found["idsw"].losses) == (6, 0)
    assert found["hota"].low <= found["hota"].value <= found["hota"].high


def test_intervals_are_those_of_draws_of_videos(pairs, comparison):
    """The same percentiles from draws that are evaluated one by one."""
    scores = [list(score_all(pairs[label]).values()) for label in ("four", "six")]
    rng = np.random.default_rng(5)
    values = []
    for _ in range(400):
        draw = rng.integers(0, 6, 6)
        four, six = (combine(side[each] for each in draw).metrics() for side in scores)
        values.append([six[metric] - four[metric] for metric in ("hota", "idsw")])
    low, high = np.percentile(values, [2.5, 97.5], axis=0)
    hota, idsw = (comparison.differences["six"][metric] for metric in ("hota", "idsw"))
    assert (hota.low, hota.high) == pytest.approx((low[0], high[0]), abs=0.001)
    assert (idsw.low, idsw.high) == pytest.approx((low[1], high[1]), abs=6)
    assert idsw.high - idsw.low > 20


def test_draws_of_scores_are_combined_scores(pairs):
    scores = list(score_all(pairs["four"]).values())
    draws = np.array([[0, 0, 1, 5, 5, 5], [0, 1, 2, 3, 4, 5]])
    found = resampled(scores, draws).arrays()
    for place, draw in enumerate(draws.tolist()):
        expected = combine(scores[each] for each in draw).metrics()
        assert {name: float(value[place]) for name, value in found.items()} == pytest.approx(
            {name: expected[name] for name in found}
        )


def test_a_comparison_is_the_same_every_time(pairs, comparison):
    again = compare({label: score_all(each) for label, each in pairs.items()})
    assert comparison_as(again, "json") == comparison_as(comparison, "json")


def test_videos_are_classed_by_objects_in_view(comparison):
    low, middle, high = DENSITIES
    assert comparison.density == {"a": low, "b": low, "c": low, "d": middle, "e": middle, "f": high}
    assert comparison.by_density["four"][high] == comparison.rows["four"]["f"]


def test_one_video_has_no_interval(pairs):
    found = compare({label: score_all({"a": each["a"]}) for label, each in pairs.items()}).differences["six"]["hota"]
    assert (found.low, found.high) == (None, None)


def test_results_of_other_videos_are_refused(pairs):
    scores = {"a": score_all(pairs["four"]), "b": score_all({"a": pairs["six"]["a"]})}
    with pytest.raises(DataError, match="b and a are not of the same videos"):
        compare(scores)


def test_json_has_it_all(comparison):
    found = json.loads(comparison_as(comparison, "json"))
    assert set(found) == {"results", "density", "by_density", "differences"}
    value = comparison.differences["six"]["hota"].value
    assert found["differences"]["six"]["hota"]["value"] == pytest.approx(100 * value, abs=1e-3)
    assert found["differences"]["six"]["idsw"]["wins"] == 6


def test_csv_has_a_line_a_value(comparison):
    lines = list(csv.DictReader(io.StringIO(comparison_as(comparison, "csv"))))
    assert {line["table"] for line in lines} == {"video", "combined", "density", "difference"}
    (line,) = [line for line in lines if line["table"] == "difference" and line["metric"] == "idsw"]
    assert (line["result"], line["row"], float(line["value"])) == (
        "six",
        "four",
        comparison.differences["six"]["idsw"].value,
    )


def test_names_break_no_table():
    nasty = "a|b_<script>&$ =1"
    block = Block(nasty, ["result", "HOTA"], [[nasty, "1.0"]])
    assert "a\\|b\\_&lt;script&gt;&amp;$ =1" in markdown([block])
    assert r"a|b\_<script>\&\$ =1 & 1.0 \\" in latex([block])
    rows = evaluate({"=cmd|x,y": video(0, 2)})
    first = rows_as(rows, "csv").splitlines()[1]
    assert first.startswith('"\'=cmd|x,y",')


def test_workers_give_the_same_bytes(pairs):
    alone, together = (rows_as(evaluate(pairs["four"], workers=count), "json") for count in (1, 2))
    assert alone == together
