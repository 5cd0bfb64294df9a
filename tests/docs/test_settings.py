"""What docs/settings.md says of the settings."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from gnntrack import recipes
from gnntrack.models import AssociationSettings, ModelRecipe

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def test_the_table_of_settings_is_complete_and_right() -> None:
    """Every key, with the value that tracking has where ``models/association.yaml`` is trained as it stands."""
    text = PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ([\d., ]+|true|false) \|", text, re.MULTILINE)
    values = recipes.load("models", "association", ModelRecipe).association.model_dump()
    assert [name for name, _ in rows] == list(AssociationSettings.model_fields)
    for name, shown in rows:
        read = tuple(yaml.safe_load(f"[{shown}]"))
        expected = values[name]
        assert read == (expected if isinstance(expected, tuple) else (expected,)), name
