"""Rows of numbers: unusual files cost no more than usual ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gnntrack.errors import DataError
from gnntrack.formats import number_files
from gnntrack.formats.number_files import MOST_COLUMNS, _regular, read_numbers


def test_many_trailing_separators_are_left_to_the_careful_reader(tmp_path: Path) -> None:
    """The fast reader takes a pass over the whole file for each of them: 9,000 took a minute for 850 kB."""
    first = "1,1,100,200,60,180,1" + "," * (MOST_COLUMNS + 1)
    text = f"{first}\n2,1,105,200,60,180,1\n"
    assert _regular(text.encode(), first, 7) is None
    (tmp_path / "gt.txt").write_text(text)
    values = read_numbers(tmp_path / "gt.txt", 6, "numbers").values
    np.testing.assert_array_equal(values[:, 2], [100, 105])


@pytest.mark.parametrize("at_once", [1, 20, 10**6])
@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
@pytest.mark.parametrize("separator", [",", "; ", "  "])
def test_blocks_of_lines_give_the_numbers_of_the_file(tmp_path, monkeypatch, at_once, ending, separator):
    values = np.arange(40.0).reshape(8, 5) / 8
    path = tmp_path / "rows.txt"
    text = (ending or "\n").join(separator.join(map(str, row)) for row in values.tolist()) + ending
    path.write_bytes(text.encode())
    monkeypatch.setattr(number_files, "AT_ONCE", at_once)
    found = number_files.read_numbers(path, 5, "five columns")
    np.testing.assert_array_equal(found.values, values)


def test_a_wrong_line_in_a_late_block_is_named(tmp_path, monkeypatch):
    path = tmp_path / "rows.txt"
    path.write_text("1,2\n3,4\n5,x\n7,8\n", encoding="utf-8")
    monkeypatch.setattr(number_files, "AT_ONCE", 4)
    with pytest.raises(DataError, match=r"rows.txt:3: 'x' is not a number"):
        number_files.read_numbers(path, 2, "two columns")
