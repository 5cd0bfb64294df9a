"""Where rows of a table stood in files, for error messages: file, line, element."""

from __future__ import annotations

from collections.abc import Sequence as List
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from gnntrack.checks import Origin
from gnntrack.loaders.text import read_text
from gnntrack.remote import as_path


@dataclass(frozen=True)
class LineOrigin:
    """The lines of a text file; finds the line of a row by reading the file again, as only errors need it.

    Attributes:
        path: the file.
        header: whether its first filled line is a header.
        lines: line of every row, where they are known already.
    """

    path: str
    header: bool = False
    lines: np.ndarray | None = None

    def line(self, row: int) -> int | None:
        """The line, counted from 1, of a row that was read."""
        if self.lines is not None:
            return int(self.lines[row])
        filled = _filled_lines(self.path)
        row += self.header
        return int(filled[row]) if row < len(filled) else None

    def label(self, row: int) -> str:
        """Nothing: lines say it all."""
        return ""


@lru_cache(maxsize=1)
def _filled_lines(path: str) -> np.ndarray:
    """The numbers of all lines that hold something; kept, as one file often has many errors."""
    lines = enumerate(read_text(as_path(path)).split("\n"), 1)
    return np.array([number for number, text in lines if text.strip(" \t,;")], dtype=np.int64)


@dataclass(frozen=True)
class ElementOrigin:
    """The elements of a file without lines.

    Attributes:
        path: the file.
        labels: of every row, such as ``annotations[3]``; None: ``row 3``.
    """

    path: str
    labels: List[str] | None = None

    def line(self, row: int) -> int | None:
        """There are no lines, or they mean nothing."""
        return None

    def label(self, row: int) -> str:
        """The element."""
        return f"row {row}" if self.labels is None else self.labels[row]


@dataclass(frozen=True)
class KeptRows:
    """Some of the rows of another origin.

    Attributes:
        origin: of all rows.
        kept: positions of the rows that were kept.
    """

    origin: Origin
    kept: np.ndarray

    @property
    def path(self) -> str:
        """The file."""
        return self.origin.path

    def line(self, row: int) -> int | None:
        """The line of a row that was kept."""
        return self.origin.line(int(self.kept[row]))

    def label(self, row: int) -> str:
        """The label of a row that was kept."""
        return self.origin.label(int(self.kept[row]))


class SeveralFiles:
    """Rows of several files, one after the other.

    Args:
        path: the file that errors name, or the folder of all files; labels name the others.
        origins: of the rows of each file.
        counts: how many rows each has.
    """

    def __init__(self, path: str, origins: List[Origin], counts: List[int]) -> None:
        self.path, self.origins = path, origins
        self.starts = np.cumsum([0, *counts])[:-1]

    def _of(self, row: int) -> tuple[Origin, int]:
        file = int(np.searchsorted(self.starts, row, side="right")) - 1
        return self.origins[file], row - int(self.starts[file])

    def line(self, row: int) -> int | None:
        """The line of a row in the file that errors name."""
        origin, inner = self._of(row)
        return origin.line(inner) if origin.path == self.path else None

    def label(self, row: int) -> str:
        """File and line of a row in another file."""
        origin, inner = self._of(row)
        return "" if origin.path == self.path else f"{Path(origin.path).name}:{origin.line(inner)}"
