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
