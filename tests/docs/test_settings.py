"""What docs/settings.md says of the settings is what their classes say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from gnntrack import recipes
from gnntrack.durations import Duration
from gnntrack.models import ModelRecipe, TrackingSettings
from gnntrack.models.overriding import GROUPS, other_names

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def rows(group: str) -> dict[str, tuple[str, str, str]]:
    """Default, unit and other names of every key of a group, as the page has them."""
    section = PAGE.read_text(encoding="utf-8").split(f"\n## {group}: ")[1].split("\n## ")[0]
    cells = re.findall(r"^\| `(\w+)` \| ([^|]+) \| ([^|]*?) ?\| [^|]+ \| ([^|]*?) ?\|$", section, re.MULTILINE)
    return {key: (default, unit, elsewhere) for key, default, unit, elsewhere in cells}


@pytest.mark.parametrize("group", GROUPS)
def test_the_table_of_a_group_is_complete_and_right(group: str) -> None:
    table, named = rows(group), other_names(group)
    assert list(table) == list(type(GROUPS[group]).model_fields) == list(named)
    for key, value in GROUPS[group].model_dump().items():
        default, unit, elsewhere = table[key]
        read = tuple(yaml.safe_load(f"[{default}]"))
        assert read == (value if isinstance(value, tuple) else (value,)), key
        assert re.findall(r"`(\w+)`", elsewhere) == named[key], key
        assert unit.startswith("time") == _is_time(getattr(GROUPS[group], key)), key


def _is_time(value: Any) -> bool:
    return isinstance(value, Duration) or (isinstance(value, tuple) and all(map(_is_time, value)))


def test_the_page_names_every_group() -> None:
    found = re.findall(r"^## (\w+): ", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert found == list(TrackingSettings.model_fields)


def test_its_recipe_is_one() -> None:
    block = re.search(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None
    tracking = recipes.parse(yaml.safe_load(block[1]), ModelRecipe).tracking
    assert tracking.offline.gaps == (Duration(0.5), Duration(60, "frames"))
