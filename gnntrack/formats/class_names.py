"""Numbers for classes that a file knows by name, and the names that unnamed classes are written under."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from gnntrack.names import is_name

_UNNAMED = re.compile(r"class (\d{1,16})")


def name_of(class_id: int, names: Mapping[int, str]) -> str:
    """The name that a class is written under: its own, or ``class 7``.

    Example:
        >>> name_of(7, {1: "car"}), name_of(1, {1: "car"})
        ('class 7', 'car')
    """
    return names.get(class_id, f"class {class_id}")


def numbers_of_names(names: Iterable[Any], known: Mapping[int, str] | None = None) -> dict[str, int]:
    """A number for every name: those that are known, that of ``class 7``, then others by name.

    Args:
        names: what stands in the file; what is no name is left out.
        known: the format's own classes.

    Example:
        >>> numbers_of_names(["van", "class 7", "car", None], {1: "car"})
        {'car': 1, 'class 7': 7, 'van': 8}
    """
    numbers = {name: number for number, name in (known or {}).items()}
    others = sorted({name for name in names if is_name(name)} - set(numbers))
    for name in others:
        match = _UNNAMED.fullmatch(name)
        if match:
            numbers[name] = int(match[1])
    free = max(numbers.values(), default=0) + 1
    for name in others:
        if name not in numbers:
            numbers[name], free = free, free + 1
    return numbers


def known_names(numbers: Mapping[str, int]) -> dict[int, str]:
    """The names by number, but for those that only repeat it.

    Example:
        >>> known_names({"car": 1, "class 7": 7})
        {1: 'car'}
    """
    return {number: name for name, number in numbers.items() if name != f"class {number}"}
