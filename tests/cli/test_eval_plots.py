"""``gnntrack eval --plots``: what it writes, and what it does not overwrite."""

from __future__ import annotations

import json

import pytest

from gnntrack.formats.mot_tracks import write_tracks
from gnntrack.formats.registry import by_name
from tests.inspection.conftest import toy


@pytest.fixture
def data(tmp_path):
    """A sequence of two objects, and two results: in one their tracks change places."""
    truth = toy("1 1 1 1 1\n2 2 2 2 2")
    by_name("mot").write(tmp_path / "gt", [truth], "annotations")
    write_tracks(tmp_path / "good" / "toy.txt", toy("5 5 5 5 5\n6 6 6 6 6"))
    write_tracks(tmp_path / "bad" / "toy.txt", toy("7 7 7 8 8\n8 8 8 7 7"))
    return tmp_path


def test_plots_of_one_and_of_several_results(gnntrack, data):
    done = gnntrack("eval", "--gt", "gt", "--pred", "bad", "--plots", "plots", "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["COMBINED"]["idsw"] == 2
    assert "wrote 3 plots; open plots/index.html" in done.err
    names = {path.relative_to(data / "plots").as_posix() for path in (data / "plots").rglob("*") if path.is_file()}
    assert names == {
        "index.html",
        "hota.png",
        "1-bad/moment-1.png",
        "1-bad/1-toy-timeline.png",
        "gnntrack.manifest",
    }
    several = ("--pred", "good", "--pred", "bad", "--name", "a/b", "--name", "../c")
    done = gnntrack("eval", "--gt", "gt", *several, "--plots", "both", "--json")
    assert done.code == 0, done.err
    assert "wrote 4 plots" in done.err
    assert sorted(path.name for path in (data / "both").iterdir() if path.is_dir()) == ["1-a-b", "2-c"]


def test_an_earlier_folder_is_replaced_if_asked_and_foreign_files_never(gnntrack, data):
    command = ("eval", "--gt", "gt", "--pred", "bad", "--plots", "plots")
    assert gnntrack(*command).code == 0
    before = (data / "plots" / "hota.png").stat().st_mtime_ns
    done = gnntrack(*command)
    assert (done.code, done.out) == (2, "")  # said before anything is computed
    assert done.err == "error: plots: output exists; pass --overwrite or choose another\n"
    assert (data / "plots" / "hota.png").stat().st_mtime_ns == before
    done = gnntrack("eval", "--gt", "gt", "--pred", "good", "--plots", "plots", "--overwrite")
    assert done.code == 0, done.err
    assert not (data / "plots" / "1-bad").exists()
    (data / "plots" / "mine.txt").write_text("mine")
    done = gnntrack(*command, "--overwrite")
    assert done.code == 2
    assert "mine.txt" in done.err
    assert (data / "plots" / "mine.txt").read_text() == "mine"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--plots", "gt"], "gt: is or holds the input gt"),
        (["--plots", "gt/plots"], "gt/plots: lies in the input gt"),
        (["--plots", "bad/toy.txt"], "bad/toy.txt: is no folder"),
        (["--plots", "."], "is or holds the working folder"),
        (["--plots", "p", "--referee", "motmetrics"], "--referee with --errors, --report or --plots"),
    ],
)
def test_where_no_plots_are_written(gnntrack, data, more, message):
    before = sorted(data.rglob("*"))
    done = gnntrack("eval", "--gt", "gt", "--pred", "bad", *more)
    assert done.code == 2
    assert message in done.err
    assert done.err.count("\n") == 1
    assert sorted(data.rglob("*")) == before
