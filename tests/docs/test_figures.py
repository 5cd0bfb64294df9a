"""The tables of "Does UniTrack help?" are those of benchmarks/results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .pages import ROOT


@pytest.fixture
def rows(benchmark: Callable[[str], Any]) -> Any:
    return benchmark("page_rows")


def test_the_page_says_what_the_results_say(rows: Any) -> None:
    text = (ROOT / "docs" / "does-unitrack-help.md").read_text(encoding="utf-8")
    assert text.count("rows of ") == text.count("<!-- end of rows -->") >= 3
    assert rows.renewed(text) == text, "run python benchmarks/page_rows.py"


def test_another_figure_is_replaced_and_an_unknown_row_refused(rows: Any) -> None:
    head, found = rows.first_table((ROOT / "benchmarks" / "results" / "loss_gradients.md").read_text("utf-8"), None)
    log = next(line for line in found if line.startswith("| log |"))
    block = ["<!-- rows of loss_gradients.md -->", "", *head, "| log | 1 | 1 | 1 | 9.9 |", "", "<!-- end of rows -->"]
    page = "\n".join(block)
    assert log in rows.renewed(page) and "9.9" not in rows.renewed(page)
    assert rows.renewed(page.replace("rows of", "all rows of", 1)).count("\n| ") == len(found) + 1
    with pytest.raises(KeyError):
        rows.renewed(page.replace("| log |", "| best |"))
    with pytest.raises(KeyError):
        rows.renewed(page.replace("gradients.md", "gradients.md, no such section"))
