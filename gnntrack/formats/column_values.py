"""The columns of a table with names, as rows under the table's own names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from gnntrack.checks import Origin
from gnntrack.errors import DataError
from gnntrack.formats.class_names import known_names, numbers_of_names
from gnntrack.formats.column_names import ColumnNames
from gnntrack.names import is_name
from gnntrack.showing import shown

_OPTIONAL = {"id": -1.0, "conf": 1.0, "visibility": 1.0}
#: Texts of a cell without identity.
_EMPTY = ("", "None", "nan", "<NA>")


def rows_by_name(
    table: pd.DataFrame, found: ColumnNames, path: Path, origin: Origin
) -> tuple[pd.DataFrame, dict[int, str]]:
    """The rows under the table's names, before any check, and the names of classes.

    Raises:
        DataError: a text stands where a number is needed.
    """
    first, second, third, fourth = (_numbers(table[name], path, origin) for name in found.box)
    if found.kind == "corners":
        third, fourth = (third - first).round(6), (fourth - second).round(6)
    elif found.kind == "centre":
        first, second = (first - third / 2).round(6), (second - fourth / 2).round(6)
    columns = {"frame": _numbers(table[found.others["frame"]], path, origin), "x": first, "y": second}
    columns |= {"w": third, "h": fourth}
    for what, default in _OPTIONAL.items():
        if what in found.others:
            empty = default if what == "id" else None
            columns[what] = _numbers(table[found.others[what]], path, origin, empty)
        else:
            columns[what] = pd.Series(default, index=table.index)
    columns["class_id"], names = _classes(table, found, path, origin)
    if "sequence" in found.others:
        columns["sequence"] = table[found.others["sequence"]].astype(str)
    return pd.DataFrame(columns), names


def _numbers(values: pd.Series, path: Path, origin: Origin, empty: float | None = None) -> pd.Series:
    """A column of numbers; texts are read as such, empty ones only where there is a value for them."""
    if values.dtype.kind in "iuf":
        values = values.astype("float64")
        return values if empty is None else values.fillna(empty)
    texts = values.astype(str).str.strip()
    numbers = pd.to_numeric(texts, errors="coerce").astype("float64")
    if empty is not None:
        numbers = numbers.where(~texts.isin(_EMPTY), empty)
    bad = np.flatnonzero(numbers.isna() & (texts.str.lower() != "nan"))
    if len(bad):
        row = int(bad[0])
        where = "" if origin.line(row) is not None else f"{origin.label(row)}: "
        problem = f"{where}{values.name} is {shown(texts.iloc[row])}, not a number"
        raise DataError(problem, remedy="give numbers", path=path, line=origin.line(row))
    return numbers


def _classes(table: pd.DataFrame, found: ColumnNames, path: Path, origin: Origin) -> tuple[pd.Series, dict[int, str]]:
    """The class number of each row, and the names of those that have one."""
    number, name = found.others.get("class_id"), found.others.get("class_name")
    if number is not None and name is None and _is_text(table[number]):
        number, name = None, number
    names = None if name is None else table[name].astype(str).str.strip()
    if number is None:
        if names is None:
            return pd.Series(1.0, index=table.index), {}
        numbers = numbers_of_names(names.unique())
        unnamed = 0
        return names.map(lambda text: float(numbers.get(text, unnamed))), known_names(numbers)
    values = _numbers(table[number], path, origin)
    if names is None:
        return values, {}
    pairs = pd.DataFrame({"number": values, "name": names}).drop_duplicates("number")
    whole = pairs[np.isfinite(pairs["number"]) & (pairs["number"].abs() < 2**53) & pairs["name"].map(is_name)]
    return values, {int(row.number): row.name_ for row in whole.rename(columns={"name": "name_"}).itertuples()}


def _is_text(values: pd.Series) -> bool:
    """Whether a column holds names, not numbers."""
    if values.dtype.kind in "iuf":
        return False
    return bool(pd.to_numeric(values.astype(str).str.strip(), errors="coerce").isna().any())
