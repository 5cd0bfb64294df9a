"""Columns have names: no number stands for a column outside of a definition."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "gnntrack"

#: Numeric subscripts that may stay, a file; to shrink, never to grow.
ALLOWED = {
    "evaluation/scores.py": 1,  # bins of a histogram, not columns
    "datasets/recipe.py": 1,  # a type: Literal[0, 1]
    "geometry/camera_motion.py": 2,  # the parts of a matrix, named there
    "formats/yolo.py": 1,  # the last column of a line, confidence, if it has one more than needed
}


def is_number(node: ast.expr | None) -> bool:
    """Whether it is a whole number, or a slice from or to one."""
    if isinstance(node, ast.UnaryOp):
        return is_number(node.operand)
    if isinstance(node, ast.Slice):
        return is_number(node.lower) or is_number(node.upper)
    return isinstance(node, ast.Constant) and isinstance(node.value, int)


def numbered_columns(code: str) -> list[int]:
    """The lines on which an array is subscripted along several axes, the last of them by a number.

    Example:
        >>> numbered_columns("box[:, 2:]")
        [1]
        >>> numbered_columns("box[:, SIZE], box[0], box[:, None]")
        []
    """
    subscripts = (node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Subscript))
    axes = ((node.lineno, node.slice.elts) for node in subscripts if isinstance(node.slice, ast.Tuple))
    return [line for line, parts in axes if len(parts) > 1 and is_number(parts[-1])]


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("box[:, 2:]", True),
        ("box[..., 0]", True),
        ("box[rows, -1]", True),
        ("box[:, :4].sum()", True),
        ("box[:, SIZE]", False),
        ("box[3]", False),
        ("box[0, rows]", False),
        ("tuple[int, ...]", False),
    ],
)
def test_what_counts(code: str, found: bool) -> None:
    assert bool(numbered_columns(code)) == found


def test_columns_have_names() -> None:
    found = {
        path.relative_to(PACKAGE).as_posix(): lines
        for path in sorted(PACKAGE.rglob("*.py"))
        if (lines := numbered_columns(path.read_text(encoding="utf-8")))
    }
    assert {name: lines for name, lines in found.items() if len(lines) > ALLOWED.get(name, 0)} == {}
