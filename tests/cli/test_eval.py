"""``gnntrack eval``: one result, several, and what cannot be asked for together."""

from __future__ import annotations

import csv
import io
import json

import pytest

from gnntrack.datasets.sample import sample
from gnntrack.formats.mot_tracks import write_tracks


@pytest.fixture
def results(tmp_path):
    """The sample's tracks, and the same without every third frame."""
    tracks = sample("TUD-Campus", "tracks")
    write_tracks(tmp_path / "all" / "TUD-Campus.txt", tracks)
    write_tracks(tmp_path / "some" / "data" / "TUD-Campus.txt", tracks.take(tracks.frames % 3 > 0))
    return tmp_path


def test_one_result_in_every_form(gnntrack, results):
    expected = json.loads(gnntrack("eval", "--gt", "TUD-Campus", "--pred", "all", "--json").out)
    assert (expected["COMBINED"]["idsw"], expected["COMBINED"]["mota"]) == (7, 52.646)
    assert json.loads(gnntrack("eval", "--gt", "TUD-Campus", "--pred", "all", "--to", "json").out) == expected
    rows = list(csv.DictReader(io.StringIO(gnntrack("eval", "--gt", "TUD-Campus", "--pred", "all", "--to", "csv").out)))
    assert [row["sequence"] for row in rows] == ["TUD-Campus", "COMBINED"]
    assert float(rows[1]["mota"]) == 52.646
    assert gnntrack("eval", "--gt", "TUD-Campus", "--pred", "all", "--to", "md").out.startswith("| sequence | HOTA |")
    latex = gnntrack("eval", "--gt", "TUD-Campus", "--pred", "all", "--to", "latex").out
    assert latex.count(r"\toprule") == latex.count(r"\bottomrule") == 1


@pytest.mark.parametrize("referee", ["trackeval", "motmetrics"])
def test_referees_say_the_same(gnntrack, results, referee):
    ours = json.loads(gnntrack("eval", "--gt", "TUD-Campus", "--pred", "all", "--json").out)["COMBINED"]
    done = gnntrack("eval", "--gt", "TUD-Campus", "--pred", "all", "--json", "--referee", referee)
    theirs = json.loads(done.out)["COMBINED"]
    assert {"mota", "idf1", "idsw"} <= set(theirs)
    assert theirs == {name: ours[name] for name in theirs}
    assert "TUD-Campus" in gnntrack("eval", "--gt", "TUD-Campus", "--pred", "all", "--referee", referee).out


def test_several_results_are_compared(gnntrack, results):
    command = ("eval", "--gt", "TUD-Campus", "--pred", "all", "--pred", "some", "--name", "a", "--name", "b")
    done = gnntrack(*command, "--report", "r.html", "--plot", "wins.png")
    assert done.code == 0, done.err
    assert "difference from a" in done.out
    assert (results / "wins.png").stat().st_size > 5000
    assert (results / "r.html").is_file()
    assert list((results / "r-view").iterdir())
    found = json.loads(gnntrack(*command, "--json").out)
    assert list(found["results"]) == ["a", "b"]
    assert found["differences"]["b"]["hota"]["value"] < 0
    assert gnntrack(*command, "--json", "--workers", "2").out == gnntrack(*command, "--json").out


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--pred", "some", "--errors", "e.csv"], "--errors with 2 --pred; give one --pred"),
        (["--plot", "p.png"], "--plot with 1 --pred; give another --pred"),
        (["--pred", "some", "--referee", "trackeval"], "--referee with 2 --pred"),
        (["--referee", "trackeval", "--report", "r.html"], "--referee with --errors, --report or --plots"),
        (["--referee", "trackeval", "--workers", "2"], "--referee with --workers"),
        (["--to", "md", "--json"], "--json and --to md"),
        (["--pred", "some", "--name", "a"], "1 --name for 2 --pred"),
        (["--pred", "./all"], "all: given twice"),
    ],
)
def test_what_cannot_be_asked_for_together(gnntrack, results, more, message):
    done = gnntrack("eval", "--gt", "TUD-Campus", "--pred", "all", *more)
    assert done.code == 2
    assert message in done.err
    assert done.err.count("\n") == 1


def test_errors_and_report_of_one_result(gnntrack, results):
    done = gnntrack("eval", "--gt", "TUD-Campus", "--pred", "all", "--errors", "e.csv", "--report", "r.html")
    assert done.code == 0, done.err
    assert "7 switches (5 after occlusion" in done.err
    assert "wrote r.html and 1 pages to watch" in done.err
    again = gnntrack("eval", "--gt", "TUD-Campus", "--pred", "all", "--report", "r.html")
    assert again.code == 2
    assert "r.html" in again.err


def test_an_earlier_report_is_replaced_and_foreign_files_are_not(gnntrack, results):
    command = ("eval", "--gt", "TUD-Campus", "--pred", "all", "--report", "r.html", "--overwrite")
    assert [gnntrack(*command).code for _ in range(2)] == [0, 0]
    assert sorted(path.name for path in (results / "r-view").glob("*.html")) == ["1-1.html"]
    (results / "r-view" / "mine.txt").write_text("mine")
    done = gnntrack(*command)
    assert done.code == 2
    assert "mine.txt" in done.err
    assert (results / "r-view" / "mine.txt").read_text() == "mine"
