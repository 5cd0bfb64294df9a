"""The code blocks of docs/plug-in.md, in order, as they stand."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "plug-in.md"
SHAPES = (
    "Tracking by detection",
    "Joint detection and embedding",
    "Track queries",
    "Global attention",
    "Message passing",
)


def test_every_block_runs() -> None:
    text = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 1 + len(SHAPES)
    assert all(f"## {shape}" in text for shape in SHAPES)
    names: dict[str, object] = {}
    for number, block in enumerate(blocks):
        exec(compile(block, f"{PAGE.name}, block {number}", "exec"), names)
