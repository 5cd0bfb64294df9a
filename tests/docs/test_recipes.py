"""docs/recipes.md is what docs/recipe_keys.py makes of the classes."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from gnntrack.recipes import Settings

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_is_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("recipe_keys", DOCS / "recipe_keys.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    assert (DOCS / "recipes.md").read_text(encoding="utf-8") == made.page()
    assert all(issubclass(schema, Settings) for schema in made.SECTIONS.values())
