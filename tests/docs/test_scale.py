"""Figures of the page on scale that stand in the code, in recipes and in results."""

from __future__ import annotations

import json
import re

from gnntrack.models import ModelRecipe
from gnntrack.recipes import load
from gnntrack.tasks.engine import SMALL

from .pages import ROOT

PAGE = " ".join((ROOT / "docs" / "scale.md").read_text(encoding="utf-8").split())
RESULTS = ROOT / "benchmarks" / "results"


def test_when_other_processes_start():
    cost = json.loads((RESULTS / "workers.json").read_text())["start"]["processor seconds"]
    assert f"Two other processes cost {cost} s of a CPU" in PAGE
    assert f"at work for more than {SMALL:g} s" in PAGE


def test_how_much_faster_two_workers_are():
    track = json.loads((RESULTS / "workers.json").read_text())["verbs"]["track"]
    assert f"is {track['speed-up']} times as fast on two cores" in PAGE
    assert f"for {100 * track['processor seconds, many / one'] - 100:.0f} % more processor time" in PAGE


def test_how_long_the_association_stage_learns():
    association, relinking, _ = load("models", "association", ModelRecipe).stages
    table = (RESULTS / "training_speed.md").read_text()
    per_second = round(float(re.search(r"^\| association \| [\d.]+ \| ([\d.]+)", table, re.MULTILINE)[1]), 1)
    steps = association.epochs * association.steps
    assert f"has {steps:,} steps. One core makes {per_second} a second of its processor time" in PAGE
    assert f": {steps / per_second / 60:.0f} minutes, and validation on top" in PAGE
    assert f"relinking {relinking.clips:,} clips of {relinking.length} frames" in PAGE


def test_how_fast_networks_learn_on_a_gpu(benchmark):
    tables = benchmark("training_gpu_tables")
    result = json.loads(tables.FIGURES.read_text())
    assert "one H100, beside the 16 cores of the same machine" in PAGE
    assert ("H100" in result["machine"]["card"], result["machine"]["cores"]) == (True, 16)
    speed = tables.speeds(result)

    def gain(size: str) -> float:
        return speed[size]["GPU, 32"] / speed[size]["processor, all cores"]

    window, association = speed["window"], speed["association"]
    assert f"makes {window['GPU, 32']:.1f} steps a second there, {gain('window'):.1f} times as many" in PAGE
    assert f"32 windows a step, {gain('window, 32 a step, 128 wide'):.0f} times as many" in PAGE
    assert f"makes {association['GPU, 32']:.1f}, {gain('association'):.1f} times as many as on all cores" in PAGE
    spent = result["busy"]["association"]
    assert f"The GPU computes {spent['ms']:.0f} of the {1000 / association['GPU, 32']:.0f} ms of a step" in PAGE
    assert f"handing over {spent['operations']:,.0f} small operations one by one" in PAGE
    assert f"then takes {window['GPU, 32'] / window['GPU, 32, deterministic']:.1f} times as long" in PAGE
    assert f"made {window['GPU, bf16']:.1f} steps a second in bfloat16" in PAGE
    for ways in speed.values():
        assert max(ways["GPU, bf16"], ways["GPU, 16"]) < ways["GPU, 32"]


def test_what_is_learned_on_a_gpu(benchmark):
    tables, runs = benchmark("training_gpu_tables"), benchmark("training_gpu_runs")
    learned = {(run["name"], *run["first"]): run["figures"] for run in json.loads(tables.FIGURES.read_text())["runs"]}
    assert "agree with those of the processor to five digits" in PAGE
    for name in ("association", "mpn"):
        assert runs.largest_difference(learned[name, "cpu", "32"], learned[name, "cuda", "32"]) < 1e-5
