"""The journeys type what there is, and their table says what was typed."""

from __future__ import annotations

import re
import shlex
from typing import Any

import pytest
import typer

from gnntrack.cli.app import app
from tests.docs.pages import ROOT


@pytest.fixture
def journeys(benchmark: Any) -> Any:
    return benchmark("journeys")


def test_journeys_type_verbs_and_options_that_exist(journeys: Any) -> None:
    verbs = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    typed = [step.text for journey in journeys.JOURNEYS for step in journey.steps]
    commands = [shlex.split(text) for text in typed if text.startswith("gnntrack ")]
    assert len(commands) > 8
    for _, verb, *rest in commands:
        known = {name for parameter in verbs[verb].params for name in parameter.opts}
        assert {word for word in rest if word.startswith("-")} <= known
    for text in typed:
        if text.startswith("\n"):
            compile(text, "journey", "exec")


def test_journeys_name_pages_that_are_there(journeys: Any) -> None:
    pages = {page for journey in journeys.JOURNEYS for page in journey.page.split(", ")}
    assert pages and not [page for page in pages if not (ROOT / page).is_file()]


def test_the_table_says_what_was_typed_and_what_it_took(journeys: Any) -> None:
    steps = [
        {"typed": "gnntrack track DATA -o tracks", "seconds": 2.0, "cpu_seconds": 1.5},
        {"typed": "import numpy\nprint(1)", "seconds": 1.0, "cpu_seconds": 0.5},
    ]
    text = journeys.table({"a": {"title": "Track", "page": "docs/track.md", "steps": steps}}, "Python 3.11.7")
    assert "| Track | docs/track.md | 3 | 3.0 | 2.0 |" in text
    assert re.findall(r"^```(\w+)$", text, re.MULTILINE) == ["sh", "python"]


def test_the_committed_table_is_that_of_the_committed_figures(journeys: Any) -> None:
    found = journeys.json.loads((ROOT / "benchmarks" / "results" / "journeys.json").read_text())
    assert set(found["journeys"]) <= {"install", "install-light", *(each.key for each in journeys.JOURNEYS)}
    written = (ROOT / "benchmarks" / "results" / "journeys.md").read_text()
    assert journeys.table(found["journeys"], found["machine"]) == written
