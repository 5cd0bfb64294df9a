"""Parquet files, by the package pyarrow: columns of numbers and texts, held against bounds before they are read."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from gnntrack.errors import DataError
from gnntrack.loaders.text import MOST_UNPACKED, open_file, read_start
from gnntrack.packages import needed_package
from gnntrack.remote import is_remote, local_copy
from gnntrack.showing import shown

_MAGIC = b"PAR1"
#: Columns and rows of a file, at most.
MOST_COLUMNS, MOST_ROWS = 1000, 200_000_000


def _pyarrow() -> Any:
    """The package's reader.

    Raises:
        DataError: it is not installed.
    """
    with needed_package("a Parquet file"):
        import pyarrow.parquet
    return pyarrow.parquet


def column_names(path: Path) -> list[str]:
    """The names of a file's columns; none where it is no such file.

    Raises:
        DataError: pyarrow is not installed.
    """
    with suppress(DataError):
        if read_start(path, len(_MAGIC)) != _MAGIC:
            return []
    reader = _pyarrow()
    try:
        with local_copy(path) as copy:
            return [str(name) for name in reader.read_schema(copy).names]
    except (OSError, ValueError, KeyError, MemoryError):
        return []


def read_parquet(path: Path) -> dict[str, np.ndarray]:
    """The columns of numbers and texts, by name; columns of other kinds are left out.

    Raises:
        DataError: pyarrow is not installed, it is no such file, or it unpacks to far more than boxes do.
    """
    reader = _pyarrow()
    if is_remote(path):
        with local_copy(path) as copy:
            return read_parquet(copy)
    with open_file(path):  # no pipe, no folder
        pass
    try:
        with reader.ParquetFile(path) as file:
            facts = file.metadata
            size = sum(facts.row_group(group).total_byte_size for group in range(facts.num_row_groups))
            if size > MOST_UNPACKED or facts.num_rows > MOST_ROWS or facts.num_columns > MOST_COLUMNS:
                problem = f"{facts.num_columns} columns, {facts.num_rows} rows, {size} bytes unpacked"
                raise DataError(problem, remedy="give the columns of the boxes alone", path=path)
            schema = file.schema_arrow
            names = [field.name for field in schema if _is_plain(str(field.type))]
            table = file.read(columns=names, use_threads=False)
            return {name: _values(table[name]) for name in names}
    except DataError:
        raise
    except (OSError, ValueError, KeyError, TypeError, MemoryError, NotImplementedError) as error:
        reason = str(error).split("\n")[0]
        raise DataError(f"not a Parquet file: {shown(reason)}", remedy="check the file", path=path) from None


def _is_plain(kind: str) -> bool:
    return kind.startswith(("int", "uint", "float", "double", "half", "string", "large_string", "bool", "dictionary"))


def _values(column: Any) -> np.ndarray:
    """Numbers as they are, missing ones as nan; anything else as text."""
    kind = str(column.type)
    if kind.startswith(("string", "large_string", "dictionary")):
        return np.array(["" if value is None else str(value) for value in column.to_pylist()], dtype=object)
    values: np.ndarray = column.to_numpy()
    return values.astype(np.float64) if values.dtype.kind not in "iuf" else values


def write_parquet(columns: Mapping[str, np.ndarray], path: Path) -> None:
    """Writes columns to a file.

    Raises:
        DataError: pyarrow is not installed.
    """
    reader = _pyarrow()
    import pyarrow

    reader.write_table(pyarrow.table({name: pyarrow.array(list(values)) for name, values in columns.items()}), path)
