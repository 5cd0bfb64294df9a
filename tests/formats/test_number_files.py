"""Rows of numbers: unusual files cost no more than usual ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gnntrack.formats.number_files import MOST_COLUMNS, _regular, read_numbers


def test_many_trailing_separators_are_left_to_the_careful_reader(tmp_path: Path) -> None:
    """The fast reader takes a pass over the whole file for each of them: 9,000 took a minute for 850 kB."""
    first = "1,1,100,200,60,180,1" + "," * (MOST_COLUMNS + 1)
    text = f"{first}\n2,1,105,200,60,180,1\n"
    assert _regular(text.encode(), first, 7) is None
    (tmp_path / "gt.txt").write_text(text)
    values = read_numbers(tmp_path / "gt.txt", 6, "numbers").values
    np.testing.assert_array_equal(values[:, 2], [100, 105])
