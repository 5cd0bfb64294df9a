"""The notebooks' sources, and their pages; `make docs` runs them."""

from __future__ import annotations

import ast
import doctest
import importlib.util
import inspect
import re
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "docs" / "notebooks").glob("*.py"))
TITLE = re.compile(r"^# # (.+)$", re.MULTILINE)


@pytest.fixture(scope="module")
def pages() -> ModuleType:
    spec = importlib.util.spec_from_file_location("notebook_pages", ROOT / "docs" / "notebook_pages.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_notebook_is_in_the_menu_under_its_title() -> None:
    menu = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]
    (entries,) = [entry["Notebooks"] for entry in menu if "Notebooks" in entry]
    named = {path: title for entry in entries for title, path in entry.items()}
    titles = {f"notebooks/{source.stem}.md": TITLE.search(source.read_text(encoding="utf-8")) for source in SOURCES}
    assert len(titles) >= 4
    assert named == {page: title and title[1] for page, title in titles.items()}


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_a_notebook_has_pictures_and(source: Path) -> None:
    text = source.read_text(encoding="utf-8")
    assert "Image(" in text or "Shown(" in text or "plt." in text
    assert all("alt=" in call for call in re.findall(r"^(?:Image|Shown)\(.*?\)$", text, re.MULTILINE | re.DOTALL))
    assert "name: python3" in text
    code = [line for line in text.splitlines() if not line.startswith("#")]
    assert not any("../" in line for line in code)  # what it needs comes with the package
    assert "http" not in text


def names_of_ours(tree: ast.Module) -> dict[str, Any]:
    """What a notebook imports from gnntrack, by name."""
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {
        alias.asname or alias.name: getattr(importlib.import_module(node.module), alias.name)
        for node in imports
        if node.module and node.module.split(".")[0] == "gnntrack"
        for alias in node.names
    }


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_calls_of_ours_have_arguments_that_exist(source: Path) -> None:
    """``make docs`` runs the notebooks; this notices a changed signature in a second."""
    tree = ast.parse(source.read_text(encoding="utf-8"))
    ours, checked = names_of_ours(tree), 0
    for call in [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]:
        unpacked = any(isinstance(each, ast.Starred) for each in call.args) or any(
            not each.arg for each in call.keywords
        )
        if call.func.id in ours and not unpacked:
            signature = inspect.signature(ours[call.func.id])
            signature.bind(*call.args, **{str(each.arg): each.value for each in call.keywords})
            checked += 1
    assert checked


def test_links_of_notebooks_lead_somewhere() -> None:
    found = [(source, link) for source in SOURCES for link in re.findall(r"\]\(([^)#\s]+)", source.read_text("utf-8"))]
    assert found
    assert not [link for source, link in found if not (source.parent / link).is_file()]


def test_tables_look_like_others(pages: ModuleType) -> None:
    assert doctest.testmod(pages).failed == 0


def test_what_does_not_resolve_is_an_error() -> None:
    """``mkdocs build --quiet --strict`` counts no warnings, so it never fails."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (build,) = re.findall(r"-m mkdocs build(.*?)(?:#.*)?$", makefile, re.MULTILINE)
    assert build.split() == ["--strict"]


def test_packages_of_the_site_are_pinned() -> None:
    extra = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["docs"]
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    names = [re.split(r"[\[><=]", requirement)[0] for requirement in extra]
    assert "jupytext" in names
    assert not [name for name in names if f"\n{name}==" not in pins]
