"""Text files with a box a line: fast where they are regular, precise about the line where they are not."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from gnntrack.checks import Origin
from gnntrack.errors import DataError
from gnntrack.formats.format import Report, raise_it
from gnntrack.formats.origins import LineOrigin
from gnntrack.loaders.text import read_bytes, read_start
from gnntrack.scratch import Scratch, release
from gnntrack.showing import shown

HEADER_WORDS = {"frame", "frame_id", "frameid", "frame_number", "frame_index"}
#: Characters that a row of numbers may consist of; anything else is left to the careful reader.
_REGULAR = b"0123456789+-.eE,; \t\r\n"


#: Columns and characters of a line of numbers, at most.
MOST_COLUMNS, LONGEST_LINE = 100, 10_000
#: Bytes of a file that are read into numbers at once.
AT_ONCE = 2**24


def cells_of(line: str) -> list[str]:
    r"""The cells of a line, whatever separates them; trailing separators do not count.

    Example:
        >>> cells_of(" 1, 2,3,, "), cells_of("1 2\t3"), cells_of("1;2")
        (['1', '2', '3'], ['1', '2', '3'], ['1', '2'])
    """
    line = line.strip().rstrip(",; \t")
    for separator in ",;":
        if separator in line:
            return [cell.strip() for cell in line.split(separator)]
    return line.split()


def number(cell: str) -> float:
    """The cell as a number; unlike ``float`` it takes no ``1_000``.

    Raises:
        ValueError: it is none.
    """
    if "_" in cell:
        raise ValueError(cell)
    return float(cell)


def first_rows(path: Path) -> list[list[str]]:
    """The cells of the first lines, for guessing; none where the file is no text."""
    try:
        text = read_start(path, 1 << 14).decode("utf-8-sig", errors="ignore")
    except DataError:
        return []
    if "\0" in text:
        return []
    lines = text.splitlines()
    rows = [cells_of(line) for line in (lines[:-1] if len(lines) > 1 else lines)]
    return [row for row in rows if row and row[0].lower() not in HEADER_WORDS]


def first_numbers(path: Path) -> np.ndarray:
    """The first lines as numbers, ``(N, C)``, for guessing; ``(0, 0)`` where they are none."""
    rows = first_rows(path)
    if not rows or len({len(row) for row in rows}) != 1 or not all(is_number(cell) for row in rows for cell in row):
        return np.zeros((0, 0))
    return np.array([[number(cell) for cell in row] for row in rows])


def without_identity(path: Path) -> bool:
    """Whether the first lines all have id −1 in their second column: these are detections."""
    rows = first_rows(path)
    return bool(rows) and all(len(row) > 1 and is_number(row[1]) and number(row[1]) == -1 for row in rows)


@dataclass(frozen=True)
class Numbers:
    """The rows of a file: ``values`` (N, C) float64 and where they stood."""

    values: np.ndarray
    origin: Origin


def read_numbers(path: Path, least: int, expected: str, report: Report = raise_it) -> Numbers:
    """All rows of a file of numbers.

    Commas, semicolons, tabs or spaces separate; a header line, a byte-order mark, blank lines and trailing separators
    are accepted.

    Args:
        path: the file.
        least: the smallest number of columns.
        expected: the columns in words, for the error.
        report: what to do with each line that is wrong; such lines are left out.
    """
    data = read_bytes(path)
    header, first, body = _head(data)
    width = min(len(cells_of(first[: LONGEST_LINE + 1])), MOST_COLUMNS + 1)
    values = _regular(body, first, width) if least <= width <= MOST_COLUMNS else None
    if values is not None:
        return Numbers(values, LineOrigin(str(path), header))
    return _line_by_line(path, data, header, least, expected, report)


def _head(data: bytes) -> tuple[bool, str, bytes]:
    """Whether a header comes first, the first line of numbers, and everything from there on."""
    stream = io.BytesIO(data)
    header, start = False, 0
    for raw in stream:
        line = raw.decode("utf-8")
        cells = cells_of(line)
        if cells and not header and cells[0].lower() in HEADER_WORDS:
            header = True
        elif cells:
            return header, line, data[start:] if start else data
        start = stream.tell()
    return header, "", b""


def _regular(data: bytes, first: str, width: int) -> np.ndarray | None:
    """The rows where every line has the form of the first one, else None; a block of lines after the other."""
    if not first:
        return None
    rows = data.count(b"\n") + 1
    columns, count = Scratch().empty((width, rows), np.float64), 0
    for block in _blocks(data):
        values = _regular_block(block, first, width)
        if values is None:
            return None
        columns[:, count : count + len(values)] = values.T
        count += len(values)
        release()
    return columns[:, :count].T


def _regular_block(data: bytes, first: str, width: int) -> np.ndarray | None:
    """The same of some lines."""
    if b"\r" in data.replace(b"\r\n", b"\n") or data.translate(None, _REGULAR):
        return None
    stripped = first.strip()
    separator = "," if "," in stripped else ";" if ";" in stripped else r"\s+"
    if separator != r"\s+":
        trailing = len(stripped) - len(stripped.rstrip(",; \t"))
        if trailing > MOST_COLUMNS:
            return None  # each one costs a pass over the file
        for _ in range(trailing):  # trailing separators, one at a time
            data = data.replace(b"\r\n", b"\n").replace(separator.encode() + b"\n", b"\n")
            data = data.removesuffix(separator.encode())
        if data.count(separator.encode()) % (width - 1 or 1):
            return None
    try:
        table = pd.read_csv(
            io.BytesIO(data),
            header=None,
            sep=separator,
            names=range(width) if separator == r"\s+" else None,
            index_col=False,
            dtype="float64",
            keep_default_na=False,
            quoting=3,
        )
    except (ValueError, pd.errors.ParserError, pd.errors.EmptyDataError):
        return None  # the careful reader finds the line
    values: np.ndarray = table.to_numpy()
    if values.shape[1] != width or np.isnan(values).any():
        return None
    if separator != r"\s+" and data.count(separator.encode()) != len(values) * (width - 1):
        return None
    return values


def _blocks(data: bytes) -> Iterator[bytes]:
    """Whole lines, about :data:`AT_ONCE` bytes at a time."""
    first = 0
    while first < len(data):
        stop = data.find(b"\n", first + AT_ONCE) + 1 or len(data)
        yield data[first:stop] if stop - first < len(data) else data
        first = stop


def _line_by_line(path: Path, data: bytes, header: bool, least: int, expected: str, report: Report) -> Numbers:
    """The same, slowly: for unusual files, and to name the line that is wrong."""
    rows: list[list[float]] = []
    lines: list[int] = []
    width, width_line = 0, 0
    text = data.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    skip = header
    for line_number, line in enumerate(text.split("\n"), 1):
        cells = cells_of(line)
        if not cells:
            continue
        if skip:
            skip = False
            continue
        if not width:
            width, width_line = len(cells), line_number
        problem, remedy = "", ""
        row: list[float] = []
        try:
            row = [number(cell) for cell in cells]
        except ValueError:
            bad = next(cell for cell in cells if not is_number(cell))
            problem, remedy = f"{shown(bad)} is not a number", "give numbers"
        if len(cells) > MOST_COLUMNS or len(line) > LONGEST_LINE:
            problem, remedy = f"{len(cells)} columns, {len(line)} characters", f"expected {expected}"
        elif len(cells) < least:
            problem, remedy = f"{len(cells)} columns", f"expected {expected}"
        elif len(cells) != width:
            problem = f"{len(cells)} columns, {width} in line {width_line}"
            remedy = "give every row the same columns"
        if problem:
            report(DataError(problem, remedy=remedy, path=path, line=line_number))
            continue
        rows.append(row)
        lines.append(line_number)
    values = np.array(rows, dtype=float).reshape(len(rows), width if rows else least)
    return Numbers(values, LineOrigin(str(path), header, lines=np.array(lines, dtype=np.int64)))


def is_number(cell: str) -> bool:
    """Whether :func:`number` takes the cell."""
    try:
        number(cell)
    except ValueError:
        return False
    return True
