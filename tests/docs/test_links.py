"""Links between pages, where the repository is browsed and in the site."""

from __future__ import annotations

import doctest
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    path
    for folder in ("", "docs", "docs/reference", "models", "benchmarks")
    for path in sorted((ROOT / folder).glob("*.md"))
]


@pytest.fixture(scope="module")
def hooks() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hooks", ROOT / "docs" / "hooks.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings."""
    heads = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target, anchor in re.findall(r"\]\((?!\w+:)([^)#\s]*)(?:#([^)]*))?\)", text):
        path = (page.parent / target).resolve() if target else page
        assert path.is_file(), target
        assert not anchor or anchor in anchors(path), f"{target}#{anchor}"


def test_links_hold_in_the_site(hooks: ModuleType) -> None:
    assert doctest.testmod(hooks).failed == 0
    assert "benchmarks/results/tracking.md" in hooks.targets("models/default.md")


def test_references_of_docstrings_become_links(hooks: ModuleType) -> None:
    html = hooks.on_page_content("<p>see :func:<code>~.graphs.build_graph</code></p>", None, None, None)
    assert (
        html == '<p>see <autoref identifier="graphs.build_graph" optional><code>graphs.build_graph</code></autoref></p>'
    )
