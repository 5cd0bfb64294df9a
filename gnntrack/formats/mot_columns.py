"""The columns of a MOTChallenge row, by how many there are."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gnntrack.formats.options import Content
from gnntrack.sequence import BOX

_ROW = ["frame", "id", *BOX, "conf"]
_COLUMNS = [*_ROW, "class_id", "visibility"]
#: Of ten columns.
_WORLD = [*_ROW, "X", "Y", "Z"]
#: Of ten columns, the eighth is a class up to this number, where the ninth and tenth hold nothing but these.
LARGEST_CLASS, _NO_COORDINATE = 999, (-1.0, 0.0, 1.0, 2.0)


def mot_table(values: np.ndarray, content: Content) -> tuple[pd.DataFrame, str]:
    """The raw columns under the table's names, before any check, and what had to be assumed, in words."""
    columns = _COLUMNS[: values.shape[1]]
    if values.shape[1] > len(_COLUMNS):
        world = pd.DataFrame(values[:, : len(_WORLD)], columns=_WORLD, copy=False)
        columns = [*_ROW, "class_id"] if _is_class(world) else _ROW
    table = pd.DataFrame({name: values[:, index] for index, name in enumerate(columns)}, copy=False)
    inferred = ""
    if "conf" not in table:
        table["conf"] = 1.0
    for column in ("class_id", "visibility"):
        if column in table and (table[column] == -1).all() and len(table):
            if content == "annotations" and column == "class_id":
                inferred = "class -1 throughout: all boxes count as one class"
            table[column] = 1.0
    return table, inferred


def _is_class(world: pd.DataFrame) -> bool:
    """Whether X is a class: whole numbers, beside Y and Z that hold no coordinates."""
    kind = world["X"]
    whole = (kind == np.floor(kind)) & kind.between(0, LARGEST_CLASS)
    empty = world[["Y", "Z"]].isin(_NO_COORDINATE).all(axis=1)
    return bool(whole.all() and empty.all() and ((kind > 0).any() or (world["Y"] == -1).all()))
