"""benchmarks/README.md says which question each script answers."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parents[2] / "benchmarks"


def test_every_script_that_is_run_is_named() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    scripts = [path for path in FOLDER.glob("*.py") if "__main__" in path.read_text(encoding="utf-8")]
    assert len(scripts) > 20
    assert not [path.name for path in scripts if f"`{path.name}`" not in text]
