"""The page on training on a GPU, and the short runs that it tells of."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

FIGURES = {"stage": {"train/total": [2.0, 1.0]}, "other": {"validation/iou": [0.5]}}


@pytest.fixture(scope="module")
def tables(benchmark):
    return benchmark("training_gpu_tables")


@pytest.fixture(scope="module")
def runs(benchmark):
    return benchmark("training_gpu_runs")


def test_the_page_is_that_of_the_figures(tables):
    result = json.loads(tables.FIGURES.read_text())
    assert Path(tables.FIGURES).with_suffix(".md").read_text() == tables.page(result)


def test_a_way_that_was_not_measured_is_left_empty(tables):
    machine = {"card": "a card", "cores": 4, "torch": "2"}
    speed = {"window": {"processor, all cores": [0.5, 0.1, 0.2]}}
    page = tables.page({"machine": machine, "seconds per step": speed, "busy": {}, "runs": []})
    assert "| processor, all cores | 5.0 |\n| GPU, 32 |  |" in page
    assert "at most 3. One machine: a card, 4 cores" in " ".join(page.split()) and "learned" not in page


def test_what_a_step_asks_of_the_gpu(tables):
    figures = {
        "machine": {"card": "a card", "cores": 4, "torch": "2"},
        "seconds per step": {"window": {"GPU, 32": [0.1]}},
    }
    page = tables.page(figures | {"busy": {"window": {"operations": 1234.4, "ms": 5.04}}, "runs": []})
    assert "A step of window is 1,234 operations on the GPU, which take it 5.0 ms of 100 (in float32)." in page


@pytest.mark.parametrize("change", [0.0, 0.25])
def test_the_largest_difference_is_relative(runs, change):
    other = FIGURES | {"stage": {"train/total": [2.0 * (1 + change), 1.0]}}
    assert runs.largest_difference(FIGURES, other) == change


@pytest.mark.parametrize("values", [[2.0], [2.0, float("nan")]])
def test_runs_that_cannot_be_compared(runs, values):
    with pytest.raises(ValueError, match="stage, train/total"):
        runs.largest_difference(FIGURES, FIGURES | {"stage": {"train/total": values}})


def test_a_run_that_is_stopped_goes_on(runs, monkeypatch):
    """On the processor alone: what learns on a GPU is a matter of options."""
    monkeypatch.setattr(runs, "SCENES", 1)
    monkeypatch.setattr(runs, "FRAMES", 40)
    monkeypatch.setattr(runs, "STOPS", {"mpn": (1, 2)})
    found = runs.learn("mpn", ["cpu", "32"], ["cpu", "32"])
    assert (found["stops"], found["difference"], list(found["figures"])) == (2, 0.0, ["window"])
