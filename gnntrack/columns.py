"""Columns of feature tables by name, for loops that are compiled too."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Mapping
from itertools import accumulate
from typing import Any

#: Blocks of columns: the name in code, and what each of its columns says.
Blocks = Mapping[str, tuple[str, ...]]


def starts(blocks: Blocks) -> Any:
    """The first column of each block, as a named tuple: compiled code reads its fields as constants.

    Example:
        >>> PLACE = {"centre": ("across", "down"), "confidence": ("confidence",)}
        >>> starts(PLACE).confidence, names(PLACE)
        (2, ('across', 'down', 'confidence'))
    """
    kind = namedtuple("Columns", list(blocks))  # type: ignore[misc]
    return kind(*accumulate((len(block) for block in list(blocks.values())[:-1]), initial=0))


def names(blocks: Blocks) -> tuple[str, ...]:
    """What every column says, in order."""
    return tuple(name for block in blocks.values() for name in block)
