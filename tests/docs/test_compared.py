"""What docs/compared.md says of gnntrack exists: verbs with their options, classes, methods and arguments."""

from __future__ import annotations

import inspect
import re
from functools import reduce
from importlib import import_module
from typing import Any

import click
import pytest
import typer

from gnntrack.cli.app import app
from gnntrack.evaluation.rules import BENCHMARKS
from gnntrack.formats.registry import FORMATS

from .pages import ROOT

TEXT = (ROOT / "docs" / "compared.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TEXT.partition("## Line by line")[2].splitlines()
    if line.startswith("| ") and not line.startswith("| |")
]
FEATURES = [row for row in ROWS if not row[0].startswith("**")]
#: Lines that are no code of ours.
FACTS = {"needs", "Python", "licence"}
CLAIMS = sorted({claim for row in FEATURES for claim in re.findall(r"`([^`]+)`", row[1])})
COMMANDS: click.Group = typer.main.get_command(app)  # type: ignore[assignment]


def part(thing: Any, name: str) -> Any:
    """An attribute, or a field of a dataclass."""
    return getattr(thing, "__dataclass_fields__", {}).get(name) or getattr(thing, name)


def found(path: str) -> Any:
    """What a dotted path leads to: a module, or something in one."""
    parts = path.split(".")
    for count in range(len(parts), 0, -1):
        try:
            module = import_module(".".join(parts[:count]))
        except ModuleNotFoundError:
            continue
        return reduce(part, parts[count:], module)
    raise AssertionError(path)


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_claim_names_what_exists(claim: str) -> None:
    if claim.startswith("gnntrack "):
        _, verb, *options = claim.split()
        known = {name for parameter in COMMANDS.commands[verb].params for name in parameter.opts}
        assert set(options) <= known, claim
        return
    path, _, argument = claim.partition("(")
    thing = found(f"gnntrack.{path}")
    if argument:
        assert argument.removesuffix("=)") in inspect.signature(thing).parameters, claim


def test_every_line_has_a_claim_or_says_that_there_is_nothing() -> None:
    assert len(FEATURES) > 25 and all(len(row) == 5 for row in ROWS)
    without = {row[0] for row in FEATURES if "`" not in row[1] and row[1] != "–"}
    assert without == FACTS


def test_counts_are_right() -> None:
    words = {9: "nine", 10: "ten", 11: "eleven", 12: "twelve"}
    writable = [name for name in FORMATS if name not in {"zip", "graphs", "sample"}]
    assert f"| {words[len(writable)]}, to and fro" in TEXT
    assert f"rules of {words[len(set(BENCHMARKS) - {'custom'})]} benchmarks" in TEXT
