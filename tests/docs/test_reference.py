"""The API reference leaves out no public name."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import gnntrack

PAGES = Path(__file__).parents[2] / "docs" / "reference"
PACKAGES = [
    "gnntrack",
    "gnntrack.datasets.store",
    "gnntrack.datasets.synthetic",
    "gnntrack.evaluation",
    "gnntrack.graphs",
    "gnntrack.inspection.plots",
    "gnntrack.losses",
    "gnntrack.models",
    "gnntrack.tracking",
    "gnntrack.training",
    "gnntrack.video",
]


def named(path: str) -> Any:
    """The module, class or function of a dotted path."""
    try:
        return importlib.import_module(path)
    except ModuleNotFoundError:
        module, _, name = path.rpartition(".")
        return getattr(importlib.import_module(module), name)


def shown() -> list[Any]:
    """What the pages show: mkdocstrings shows all of ``__all__`` of a package."""
    texts = [page.read_text(encoding="utf-8") for page in PAGES.glob("*.md")]
    found = [named(path) for text in texts for path in re.findall(r"^::: (\S+)$", text, re.MULTILINE)]
    members = [
        getattr(item, name) for item in found if isinstance(item, ModuleType) for name in getattr(item, "__all__", [])
    ]
    return found + members


@pytest.fixture(scope="module")
def reference() -> list[Any]:
    return shown()


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_is_in_the_reference(package: str, reference: list[Any]) -> None:
    module = importlib.import_module(package)
    missing = [
        name
        for name in module.__all__
        if callable(getattr(module, name)) and not any(getattr(module, name) is item for item in reference)
    ]
    assert not missing


def test_the_overview_names_what_gnntrack_exports() -> None:
    text = (PAGES / "index.md").read_text(encoding="utf-8")
    linked = re.findall(r"\[`(\w+)`\]\[(\S+?)\]", text)
    assert {name for name, _ in linked} == {name for name in gnntrack.__all__ if name != "__version__"}
    for name, path in linked:
        assert named(path) is getattr(gnntrack, name), path
