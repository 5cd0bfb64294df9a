"""Text with a header and a row a box, as a table of texts that knows its lines."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from gnntrack.errors import DataError
from gnntrack.formats.format import Report
from gnntrack.formats.number_files import MOST_COLUMNS, is_number
from gnntrack.formats.origins import LineOrigin
from gnntrack.loaders.text import read_bytes, read_start

_LONGEST_HEADER = 10_000
_TRAILING = re.compile(r"[,; \t]+$")


def header_of(path: Path) -> list[str]:
    """The names in the first filled line; none where that is no header, or no text."""
    try:
        text = read_start(path, _LONGEST_HEADER).decode("utf-8-sig", errors="ignore")
    except DataError:
        return []
    if "\0" in text:
        return []
    first = next((line for line in text.splitlines() if line.strip(" \t,;")), "")
    names = [name.strip().strip('"') for name in _TRAILING.sub("", first.strip()).split(_separator(first))]
    return [] if any(is_number(name) for name in names) else names


def _separator(line: str) -> str | None:
    """What separates the cells of a line: a tab, comma or semicolon; None: spaces."""
    return next((sign for sign in "\t,;" if sign in line.strip()), None)


def read_text_table(path: Path, report: Report) -> tuple[pd.DataFrame, LineOrigin]:
    """The rows as texts, under the names of the header.

    Args:
        path: the file.
        report: what to do with each row that has more or fewer cells than the header; such rows are left out.

    Raises:
        DataError: there is no header, or a cell has no end.
    """
    text = read_bytes(path).decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    names = header_of(path)
    if not names or len(names) > MOST_COLUMNS:
        remedy = "begin the file with the columns' names, such as frame,id,x1,y1,x2,y2,confidence"
        raise DataError("no header", remedy=remedy, path=path, line=1)
    rows, lines = list[list[str]](), list[int]()
    for line, cells in _rows(text, path):
        while len(cells) > len(names) and not cells[-1]:
            cells.pop()  # trailing separators
        if len(cells) != len(names):
            problem = f"{len(cells)} columns, {len(names)} in the header"
            report(DataError(problem, remedy="give every row the same columns", path=path, line=line))
            continue
        rows.append(cells)
        lines.append(line)
    table = pd.DataFrame(rows[1:], columns=names, dtype=object)
    return table, LineOrigin(str(path), header=True, lines=np.array(lines[1:], dtype=np.int64))


def _rows(text: str, path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yields the line and the cells of every row that holds something, the header included."""
    separator = _separator(next((line for line in text.split("\n") if line.strip(" \t,;")), ""))
    if separator is None:
        for line, row in enumerate(text.split("\n"), 1):
            if row.split():
                yield line, row.split()
        return
    reader = csv.reader(io.StringIO(text), delimiter=separator, skipinitialspace=True)
    try:
        line = 1
        for row_cells in reader:
            if any("\n" in cell for cell in row_cells):  # a stray quote, which would swallow the rows between
                problem = "a cell goes on in the next line"
                raise DataError(problem, remedy="check the quotes", path=path, line=line)
            line = reader.line_num + 1
            if any(cell.strip() for cell in row_cells):
                yield reader.line_num, [cell.strip() for cell in row_cells]
    except csv.Error as error:
        raise DataError(f"not a table: {error}", remedy="check the quotes", path=path, line=reader.line_num) from None
