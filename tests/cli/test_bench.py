"""``gnntrack bench``: one table, files, what is missing in one line."""

from __future__ import annotations

import json
import shutil
import sys

import pytest

from tests.bench.stand_in import trackers_module


@pytest.fixture
def trackers(monkeypatch):
    monkeypatch.setitem(sys.modules, "trackers", trackers_module())


def test_ours_and_peers_on_own_boxes(gnntrack, root, weights, association, trackers, tmp_path):
    told = ("bench", root, "--weights", weights, "--weights", association, "--lag", 3, "-o", "out")
    done = gnntrack(*told)
    assert done.code == 0, done.err
    for text in ("BoT-SORT", "w, online", "w, 3 frames late", "a, offline"):
        assert text in done.out
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "bench.csv",
        "bench.json",
        "bench.md",
        "gnntrack.manifest",
    ]
    assert "| gain on the best peer | gain on w |" in (tmp_path / "out" / "bench.md").read_text()
    content = json.loads((tmp_path / "out" / "bench.json").read_text())
    assert len(content["trackers"]) == 5 + 6
    assert (content["peers"], content["weights"]) == ("sort,bytetrack,ocsort,botsort,cbiou", ["w", "a"])
    again = gnntrack(*told)
    assert again.code == 2 and "output exists" in again.err and not again.out
    assert gnntrack(*told, "--overwrite", "--peers", "sort", "--mode", "offline").code == 0
    content = json.loads((tmp_path / "out" / "bench.json").read_text())
    assert list(content["trackers"]) == ["SORT", "w, offline", "a, offline"]


def test_without_the_package(gnntrack, root, weights, monkeypatch):
    monkeypatch.setitem(sys.modules, "trackers", None)
    done = gnntrack("bench", root, "--weights", weights)
    problem = "error: SORT needs trackers, which is not installed; pip install trackers, or pass --peers none\n"
    assert (done.code, done.out, done.err) == (2, "", problem)
    done = gnntrack("bench", root, "--weights", weights, "--peers", "none")
    assert done.code == 0, done.err
    assert "gain" not in done.out
    for row in ("gnntrack, online", "gnntrack, 15 frames late", "gnntrack, offline"):
        assert row in done.out


def test_sequences_without_annotations(gnntrack, root, weights):
    shutil.rmtree(root / "B" / "gt")
    done = gnntrack("bench", root, "--weights", weights, "--peers", "none")
    assert done.code == 0, done.err
    assert "B: no annotations; left out" in done.err
    shutil.rmtree(root / "A" / "gt")
    done = gnntrack("bench", root, "--weights", weights, "--peers", "none")
    assert (done.code, done.out) == (2, "")
    assert "error: " in done.err and done.err.count("\n") <= 3


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        (("--peers", "sort,deepsort"), "no peer 'deepsort'; did you mean 'sort'?"),
        (("--weights", "w.safetensors", "--weights", "w.safetensors"), "weights that are given twice"),
        (("-o", "."), "working folder"),
    ],
)
def test_what_is_refused(gnntrack, root, weights, trackers, more, problem):
    done = gnntrack("bench", root, *more)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1), done.err
    assert problem in done.err
