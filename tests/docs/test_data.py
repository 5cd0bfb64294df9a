"""docs/data.md says what a data set recipe may hold."""

from __future__ import annotations

import re
from pathlib import Path

from gnntrack.datasets.recipe import DatasetRecipe

PAGE = Path(__file__).parents[2] / "docs" / "data.md"


def test_the_table_of_recipes_has_every_key() -> None:
    section = PAGE.read_text(encoding="utf-8").partition("## Recipes")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| (`.*?`) \|", section, re.MULTILINE)
    keys = [key for cell in cells for key in re.findall(r"`(\w+)`", cell)]
    assert sorted(keys) == sorted(DatasetRecipe.model_fields)
