"""The page on the speed of training, of figures with and without the stages that track."""

from __future__ import annotations

import json
import re

import pytest

from gnntrack.models import ModelRecipe
from gnntrack.recipes import load


@pytest.fixture(scope="module")
def tables(benchmark):
    return benchmark("training_tables")


def rounds(*ways, seconds=0.5):
    """The later of two rounds, and the earlier version, take longer."""
    return {
        f"{way}{version}": [{"clock": 2 * factor * time, "processor": factor * time} for time in (seconds, 3 * seconds)]
        for way in ways
        for version, factor in ((", before", 2), ("", 1))
    }


def figures(**more):
    base = {"before": "abc1234", "cores": 2, "parts": {}, "load": {"association": [0.5, 0.25]}}
    return base | {"seconds per step": rounds("association")} | more


def test_stages_that_do_not_track(tables):
    page = tables.page(figures())
    assert "| association | 0.50 | 1.00 | 2.00 | 2.00 |" in page  # the median, 1 s of processor time a step
    assert "tracked" not in page and "join them" not in page
    assert page.endswith("included: association 0.5, 0.2.\n")


def test_stages_that_track(tables):
    steps = rounds("relinking", "smoothing")
    tracked = rounds("relinking", seconds=3.0) | rounds("smoothing", seconds=5.0)
    page = tables.page(figures(**{"seconds per step": steps, "seconds tracked": tracked}))
    assert "| relinking, before | 0.25 | 0.50 | 1.00 | 1.00 |" in page
    assert "| smoothing | 20.00 | 10.00 | 2.00 | 2.00 |" in page  # s for a video
    _, relinking, smoothing = load("models", "association", ModelRecipe).stages
    words = " ".join(page.split())
    assert f"{relinking.clips:,} clips, {relinking.clips * 6 / 60:.0f} minutes, and makes" in words
    assert f"{3 * relinking.steps:,} steps, {3 * relinking.steps / 60:.0f} minutes; smoothing" in words
    assert f"{2 * smoothing.steps:,} steps, {2 * smoothing.steps / 60:.1f} minutes." in words


def test_stages_that_were_not_measured_again_stay(tables):
    earlier = figures()
    result = figures(**{"seconds per step": rounds("relinking"), "seconds tracked": rounds("relinking")})
    result["load"] = {"relinking": [1.0]}
    both = tables.joined(earlier, result)
    ways = ["association, before", "association", "relinking, before", "relinking"]
    assert list(both["seconds per step"]) == ways
    assert both["load"] == {"association": [0.5, 0.25], "relinking": [1.0]}
    assert "| association |" in tables.page(both) and "1 clip" not in tables.page(both)
    with pytest.raises(SystemExit, match="the other rows are held against abc1234"):
        tables.joined(earlier, result | {"before": "def5678"})
    assert tables.joined({}, result)["seconds per step"] == result["seconds per step"]


def test_figures_of_before_are_read(tables, tmp_path, monkeypatch):
    """Their load was of all stages together."""
    old = figures(load=[0.6, 2.5])
    (tmp_path / "old.json").write_text(json.dumps(old))
    monkeypatch.setattr(tables, "FIGURES", tmp_path / "old.json")
    page = " ".join(tables.page(tables.read()).split())
    assert re.search(r"association 0\.6, 2\.5; others ran, so the columns on the clock say little\.$", page)


def test_the_page_is_that_of_the_figures(tables):
    assert (tables.RESULTS / "training_speed.md").read_text() == tables.page(tables.read())
