"""The verbs that look inside, called as a user calls them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import networkx as nx
import pandas as pd
import pytest

from gnntrack.cli import main
from gnntrack.datasets.sample import sample
from gnntrack.formats.mot_tracks import write_tracks
from gnntrack.models import ModelRecipe, build_model, save_weights


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Runs the command line and returns exit code, stdout and stderr."""

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["gnntrack", *map(str, arguments)])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return call


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained model: enough to score links."""
    path = tmp_path_factory.mktemp("weights") / "untrained.safetensors"
    recipe = ModelRecipe()
    save_weights(path, build_model(recipe), recipe)
    return path


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """A folder with the sample's result for TUD-Campus, and one with its ground truth."""
    write_tracks(tmp_path / "tracks" / "TUD-Campus.txt", sample("TUD-Campus", "tracks"))
    folder = tmp_path / "truth" / "TUD-Campus"
    write_tracks(folder / "gt" / "gt.txt", sample("TUD-Campus", "annotations"))
    info = "[Sequence]\nname=TUD-Campus\nimWidth=640\nimHeight=480\nframeRate=25\nseqLength=71\n"
    (folder / "seqinfo.ini").write_text(info)
    return tmp_path


def test_open_my_graph_in_gephi(run, tmp_path: Path) -> None:
    code, out, err = run("inspect", "TUD-Campus", "--export", tmp_path / "graph.gexf", "--frames", "30:35")
    assert code == 0
    assert "222 in 71 frames" in out
    assert f"wrote {tmp_path / 'graph.gexf'}" in err
    graph = nx.read_gexf(tmp_path / "graph.gexf")
    assert graph.number_of_nodes() == 17
    assert graph.graph["mode"] == "dynamic"
    code, _, err = run("inspect", "TUD-Campus", "--export", tmp_path / "graph.gexf")
    assert code == 2
    assert "output exists" in err


def test_inspect_as_json_with_scores_and_plots(run, tmp_path: Path, weights: Path) -> None:
    images = ["--plot", tmp_path / "window.png", "--calibration", tmp_path / "calibration.png"]
    code, out, _ = run("inspect", "TUD-Campus", "--weights", weights, "--window", 10, "--json", *images)
    assert code == 0
    figures = json.loads(out)
    assert figures["nodes"] == 222
    assert len(figures["windows"]) == 8
    assert figures["conservation"] is not None
    assert (tmp_path / "window.png").stat().st_size > 10_000
    assert (tmp_path / "calibration.png").stat().st_size > 10_000


def test_which_switches_did_my_tracker_make_and_why(run, results: Path, weights: Path) -> None:
    where = ["--gt", results / "truth", "--pred", results / "tracks"]
    code, _, err = run("eval", *where, "--errors", results / "errors.csv")
    assert code == 0
    assert "7 switches (5 after occlusion, 2 in plain sight, 0 swaps)" in err
    table = pd.read_csv(results / "errors.csv")
    first = table[table["kind"] == "temporal_inconsistency"].iloc[0]
    assert first["why"].startswith("object 2: track 6 becomes 4")
    chosen = ["--frame", first["frame"], "--id", first["track"], "--weights", weights, "--tracks", results / "tracks"]
    code, out, _ = run("explain", "TUD-Campus", *chosen)
    assert code == 0
    assert "frame 25 (gap 1): that link was not chosen" in out
    code, out, _ = run("explain", "TUD-Campus", *chosen, "--json")
    assert code == 0
    assert json.loads(out)["identity"] == 2


def test_show_me_frame_30(run, results: Path, weights: Path) -> None:
    page = results / "view.html"
    where = [results / "truth" / "TUD-Campus", "--tracks", results / "tracks", "--graph", "--frame", 30, "-o", page]
    code, out, _ = run("view", *where)
    assert code == 0
    assert "wrote" in out
    assert '"start":30' in page.read_text(encoding="utf-8")
    code, _, err = run("view", *where, "--weights", weights)
    assert code == 2
    assert "output exists" in err
    code, _, _ = run("view", *where, "--weights", weights, "--overwrite")
    assert code == 0
    assert '"scored":true' in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["inspect", "missing.txt"], "check the path"),
        (["inspect", "TUD-Campus", "--frames", "5:3"], "run backwards"),
        (["inspect", "TUD-Campus", "--frames", "x"], "FIRST:LAST"),
        (["inspect", "TUD-Campus", "--frames", "900", "--export", "a.json"], "the graph has frames 1 to 71"),
        (["inspect", "TUD-Campus", "--export", "a.txt"], "no graph format '.txt'"),
        (["view", "TUD-Campus", "--tracks", "missing"], "no such file or folder"),
    ],
)
def test_bad_input_is_one_line(run, tmp_path: Path, monkeypatch, arguments: list[str], message: str) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, err = run(*arguments)
    assert code == 2
    assert message in err
    assert err.startswith("error: ")
    assert len(err.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())
