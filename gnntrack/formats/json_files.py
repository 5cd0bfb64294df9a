"""JSON annotation files: reading them with clear errors, and the rows that come from them."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gnntrack.errors import DataError, DataWarning
from gnntrack.formats.format import Report
from gnntrack.formats.options import Content
from gnntrack.formats.origins import ElementOrigin
from gnntrack.names import is_name
from gnntrack.sequence import COLUMNS
from gnntrack.showing import shown


@dataclass
class Rows:
    """Rows of one sequence, gathered one by one."""

    path: Path
    values: list[tuple[float, ...]] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)

    def add(self, label: str, *values: float) -> None:
        """Adds ``frame, id, x, y, w, h, conf, class_id, visibility``."""
        self.values.append(values)
        self.labels.append(label)

    def table(self) -> tuple[pd.DataFrame, ElementOrigin]:
        """The rows under the table's names, and where they stand."""
        values = np.array(self.values, dtype=float).reshape(-1, len(COLUMNS))
        return pd.DataFrame(values, columns=list(COLUMNS)), ElementOrigin(str(self.path), self.labels)


#: Whole numbers up to here are their own hash: no file can be made whose keys all fall together.
LARGEST_KEY = 2**60
#: No size of an image and no number of a class is as large.
LARGEST_WHOLE = 2**40
#: Parts of a name that lead elsewhere.
_NOWHERE = {"", ".", ".."}


class JsonReader:
    """Reads one file: gets values by key and reports those that are missing or of another type."""

    def __init__(self, path: Path, report: Report) -> None:
        self.path, self.report = path, report

    def fail(self, where: str, problem: str, remedy: str = "see the format's description") -> DataError:
        """The error for an element."""
        return DataError(f"{where}: {problem}", remedy=remedy, path=self.path)

    def elements(self, parent: Any, key: str) -> list[tuple[str, dict[str, Any]]]:
        """The objects of a list, with their labels; elements of another kind are reported and left out."""
        content = parent.get(key, [])
        if not isinstance(content, list):
            raise self.fail(key, "not a list")
        found = []
        for index, element in enumerate(content):
            if isinstance(element, dict):
                found.append((f"{key}[{index}]", element))
            else:
                self.report(self.fail(f"{key}[{index}]", "not an object"))
        return found

    def number(self, where: str, element: dict[str, Any], key: str, default: float | None = None) -> float:
        """A number.

        Raises:
            DataError: it is missing without a default, or of another kind.
        """
        value = element.get(key, default)
        if value is None and default is not None:
            return default
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.fail(where, f"{key} is {shown(value)}", "give a number")
        try:
            return float(value)
        except OverflowError:
            return float("inf")

    def score(self, where: str, element: dict[str, Any], content: Content) -> float:
        """The confidence of a box, 1 where there is none.

        Raises:
            DataError: it is there, but no number; only annotations may have ``null``.
        """
        missing = content == "annotations" or "score" not in element
        return self.number(where, element, "score", 1.0 if missing else None)

    def whole(self, where: str, element: dict[str, Any], key: str, default: int | None = None) -> int:
        """A number without a fraction."""
        value = self.number(where, element, key, default)
        if not (abs(value) < LARGEST_WHOLE and value.is_integer()):
            raise self.fail(where, f"{key} is {shown(value)}", "give a whole number")
        return int(value)

    def size(self, where: str, element: dict[str, Any]) -> tuple[int, int]:
        """Width and height of the images; zeros where they are not known."""
        return self.whole(where, element, "width", 0), self.whole(where, element, "height", 0)

    def numbers(self, where: str, element: dict[str, Any], key: str, count: int) -> list[float]:
        """A list of so many numbers."""
        values = element.get(key)
        if not isinstance(values, list) or len(values) != count:
            raise self.fail(where, f"{key} is {shown(values)}", f"give {count} numbers")
        return [self.number(where, {key: value}, key) for value in values]

    def key(self, where: str, element: dict[str, Any], key: str) -> int | str:
        """A number or a text that identifies something."""
        value = element.get(key)
        if isinstance(value, bool) or not isinstance(value, (int, str)):
            raise self.fail(where, f"{key} is {shown(value)}", "give a whole number or a text")
        if isinstance(value, int) and abs(value) > LARGEST_KEY:
            raise self.fail(where, f"{key} is {shown(value)}", "give a whole number below 2^60")
        return value

    def text(self, where: str, element: dict[str, Any], key: str) -> str:
        """A name; empty where there is none or, with a warning, none that can be printed."""
        value = element.get(key)
        name = " ".join(value.split()) if isinstance(value, str) else value
        if name and not is_name(name):
            text = f"{self.path}: {where}: {key} {shown(value)} is left out: give a short text of printable characters"
            warnings.warn(text, DataWarning, stacklevel=2)
        return name if is_name(name) else ""

    def name(self, where: str, value: Any) -> str:
        """A sequence's name; folders in it (``train/YFCC100M/v_1``) are joined by a hyphen.

        Raises:
            DataError: it leads upwards or is absolute.
        """
        if not isinstance(value, str) or not value:
            raise self.fail(where, f"name is {shown(value)}", "give a text")
        parts = value.split("/")
        if not is_name(value) or not _NOWHERE.isdisjoint(parts):
            raise self.fail(where, f"sequence name {shown(value)} cannot be a file name", "use plain names")
        return "-".join(parts)


def whole_identities(keys: list[int | str]) -> dict[int | str, int]:
    """A whole number for every identity: its own where all are numbers, else their rank among the texts.

    Example:
        >>> whole_identities(["7", "00012"]), whole_identities(["b", "a"])
        ({'7': 7, '00012': 12}, {'a': 0, 'b': 1})
    """
    unique = sorted(set(keys), key=str)
    plain = [isinstance(key, int) or (key.isascii() and key.isdigit() and len(key) < 16) for key in unique]
    if all(plain):
        numbers = {key: int(key) for key in dict.fromkeys(keys)}
        if len(set(numbers.values())) == len(numbers):
            return numbers
    return {key: rank for rank, key in enumerate(unique)}
