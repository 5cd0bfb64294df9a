"""The page as text; what it does in a browser is tested in tests/browser."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from torch_geometric.data import Data

from gnntrack.association.feature_columns import APPEARANCE_NAMES, PAIR_NAMES
from gnntrack.datasets.sample import sample
from gnntrack.errors import DataError
from gnntrack.evaluation.errors import count_errors, find_errors
from gnntrack.graphs import slice_window
from gnntrack.inspection import payload
from gnntrack.inspection.sources import read_source, scored_graph
from gnntrack.inspection.view import PageOptions, find_images, write_page
from gnntrack.models import load_weights
from gnntrack.sequence import Sequence


def content(path: Path) -> dict[str, Any]:
    found = re.search(
        r'<script type="application/json" id="data">(.*?)</script>', path.read_text(encoding="utf-8"), re.S
    )
    assert found
    return json.loads(found[1])


def column(columns: dict[str, Any], name: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(columns[name]["data"]), dtype=f"<{columns[name]['type']}")


def test_page_holds_boxes_errors_and_links(campus: Data, tmp_path: Path) -> None:
    tracks, truth = sample("TUD-Campus", "tracks"), sample("TUD-Campus", "annotations")
    write_page(tmp_path / "view.html", tracks, truth=truth, graph=campus)
    scene = content(tmp_path / "view.html")
    assert (scene["name"], scene["first"], scene["last"]) == ("TUD-Campus", 1, 71)
    boxes = scene["panes"][0]["boxes"]
    assert column(boxes, "id").tolist() == tracks.boxes["id"].tolist()
    np.testing.assert_allclose(column(boxes, "x"), tracks.boxes["x"], rtol=1e-6)
    start = column(boxes, "start")
    assert (start[29], start[30]) == (tracks.rows_of(30).start, tracks.rows_of(30).stop)
    errors = find_errors(truth, tracks)
    assert scene["counts"] == count_errors(errors)
    kinds = [scene["kinds"][row[0]] for row in scene["errors"]]
    assert kinds.count("switch_after_occlusion") == 5
    assert sum(row[3] - row[2] + 1 for row, kind in zip(scene["errors"], kinds, strict=True) if kind == "miss") == 74


def test_links_carry_the_features_that_the_model_saw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the association network's own candidates, by name; too many of them are left out."""
    model, recipe = load_weights("default")
    seen = scored_graph(read_source("TUD-Campus"), model, recipe)
    write_page(tmp_path / "view.html", sample("TUD-Campus", "tracks"), graph=seen)
    graph = content(tmp_path / "view.html")["graph"]
    assert tuple(graph["features"]["names"]) == PAIR_NAMES + APPEARANCE_NAMES
    source, target, score = (column(graph["links"], name) for name in ("source", "target", "score"))
    place = {(int(a), int(b)): number for number, (a, b) in enumerate(seen.edge_index.T.tolist())}
    rows = [place[int(a), int(b)] for a, b in zip(source, target, strict=True)]
    values = column(graph["features"], "values").reshape(len(rows), -1)
    np.testing.assert_array_equal(values, seen.edge_attr.numpy()[rows])
    np.testing.assert_array_equal(score, seen.score.numpy()[rows])
    monkeypatch.setattr(payload, "MOST_DESCRIBED", len(rows) - 1)
    write_page(tmp_path / "large.html", sample("TUD-Campus", "tracks"), graph=seen)
    assert "features" not in content(tmp_path / "large.html")["graph"]


def test_links_say_what_the_tracker_chose(campus: Data, tmp_path: Path) -> None:
    tracks = sample("TUD-Campus", "tracks")
    write_page(tmp_path / "view.html", tracks, graph=campus)
    graph = content(tmp_path / "view.html")["graph"]
    source, target, flags = (column(graph["links"], name) for name in ("source", "target", "flags"))
    track = column(graph["nodes"], "track")
    chosen = (flags & 1) > 0
    assert (track[source[chosen]] == track[target[chosen]]).all()
    within = sum((np.diff(group["frame"]) <= 12).sum() for _, group in tracks.boxes.groupby("id"))
    assert chosen.sum() == within
    assert ((flags & 2) > 0).sum() == campus.edge_label.sum()
    assert (np.diff(target.astype(int)) >= 0).all()
    assert len(source) < campus.edge_index.shape[1]  # the weakest are left out


def test_nothing_comes_from_the_network_and_only_known_scripts_run(tmp_path: Path) -> None:
    write_page(tmp_path / "view.html", sample("TUD-Campus", "tracks"))
    text = (tmp_path / "view.html").read_text(encoding="utf-8")
    assert "http:" not in text
    assert "https:" not in text
    assert "innerHTML" not in text
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.S)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy
    assert f"script-src &#x27;sha256-{digest}&#x27;" in policy[1]
    assert "default-src &#x27;none&#x27;" in policy[1]
    assert "unsafe" not in policy[1]


def test_names_cannot_leave_their_place(tmp_path: Path) -> None:
    tracks = sample("TUD-Campus", "tracks")
    name = """</script><script>alert(1)</script><!-- "quoted" 'it' {{script}}"""
    object.__setattr__(tracks, "name", name)
    write_page(tmp_path / "view.html", tracks)
    text = (tmp_path / "view.html").read_text(encoding="utf-8")
    assert len(re.findall("<script", text)) == 2
    assert "<!-- " not in text.split("<body>")[1].split('id="data">')[1].split("</script>")[0]
    assert content(tmp_path / "view.html")["name"] == name


def test_large_ids_and_many_frames(tmp_path: Path) -> None:
    table = pd.DataFrame({"frame": [1_000_000_000, 999_999_999], "id": 10**12, "x": 0.0, "y": 0.0, "w": 5.0, "h": 5.0})
    write_page(tmp_path / "view.html", Sequence("late", table, width=64, height=64))
    scene = content(tmp_path / "view.html")
    assert (scene["first"], scene["last"]) == (999_999_999, 1_000_000_000)
    assert column(scene["panes"][0]["boxes"], "id").tolist() == [1e12, 1e12]
    table = pd.DataFrame({"frame": [1, 1_000_000_000], "x": 0.0, "y": 0.0, "w": 5.0, "h": 5.0})
    with pytest.raises(DataError, match="a page holds at most"):
        write_page(tmp_path / "none.html", Sequence("long", table, width=64, height=64))


def test_a_page_opens_where_there_is_a_frame(tmp_path: Path) -> None:
    tracks = sample("TUD-Campus", "tracks")
    for frame in (0, tracks.length + 1):
        with pytest.raises(DataError, match=rf"no frame {frame}; give one from 1 to {tracks.length}"):
            write_page(tmp_path / "none.html", tracks, options=PageOptions(frame=frame))
    write_page(tmp_path / "view.html", tracks, options=PageOptions(frame=tracks.length))
    assert content(tmp_path / "view.html")["start"] == tracks.length


def test_images_by_number_or_by_order(tmp_path: Path) -> None:
    numbered, named = tmp_path / "a b", tmp_path / "named"
    for folder, names in ((numbered, ["000002.jpg", "000001.jpg", "readme.txt"]), (named, ["y.png", "x.png"])):
        folder.mkdir()
        for name in names:
            (folder / name).touch()
    page = tmp_path / "pages" / "view.html"
    assert find_images(numbered, page) == {1: "../a%20b/000001.jpg", 2: "../a%20b/000002.jpg"}
    assert find_images(named, tmp_path / "view.html") == {1: "named/x.png", 2: "named/y.png"}
    (named / "frame0.png").touch()
    with pytest.raises(DataError, match="no such folder"):
        find_images(tmp_path / "missing", page)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no images"):
        find_images(tmp_path / "empty", page)


def test_graph_of_a_part_of_the_sequence(campus: Data, tmp_path: Path) -> None:
    write_page(tmp_path / "view.html", sample("TUD-Campus", "tracks"), graph=slice_window(campus, 30, 35))
    graph = content(tmp_path / "view.html")["graph"]
    assert set(column(graph["nodes"], "frame")) == set(range(30, 36))
