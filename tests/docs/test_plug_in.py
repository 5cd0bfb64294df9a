"""What docs/plug-in.md has to show; test_commands runs its blocks."""

from __future__ import annotations

from pathlib import Path

from tests.docs.pages import blocks

PAGE = Path(__file__).parents[2] / "docs" / "plug-in.md"
SHAPES = (
    "Tracking by detection",
    "Joint detection and embedding",
    "Track queries",
    "Global attention",
    "Message passing",
)


def test_every_shape_has_a_block() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert len(blocks(text, "python")) == 1 + len(SHAPES)
    assert all(f"## {shape}" in text for shape in SHAPES)
