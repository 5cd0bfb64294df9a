"""docs/architecture.md is true to the tree."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "gnntrack"
TEXT = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_files_that_it_names_exist() -> None:
    names = set(re.findall(r"\b(?:\w+/)*\w+\.py\b", TEXT))
    assert len(names) > 40
    assert not {name for name in names if not (PACKAGE / name).is_file()}


def folders() -> list[str]:
    """The folders of the table, from above to below."""
    return re.findall(r"^\| `(\w+)` \|", TEXT.partition("## Folders")[2].partition("## ")[0], re.MULTILINE)


def test_its_table_has_every_folder_and_every_folder_exists() -> None:
    assert sorted(folders()) == sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))


@pytest.mark.parametrize("folder", folders())
def test_imports_run_down_the_table(folder: str) -> None:
    above = folders()[: folders().index(folder)]
    found = {
        module
        for file in (PACKAGE / folder).rglob("*.py")
        for module in re.findall(r"^ *(?:from|import) gnntrack\.(\w+)", file.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert not found & set(above)
