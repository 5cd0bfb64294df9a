"""The plan on the page of scale is what the benchmark's figures say."""

from __future__ import annotations

import json
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_plan_is_that_of_the_figures(benchmark):
    tables = benchmark("store_tables")
    results = ROOT / "benchmarks" / "results"
    figures = json.loads((results / "store_size.json").read_text(encoding="utf-8"))
    assert tables.plan(figures) in (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")
    page = benchmark("result_pages").with_command(
        tables.page(figures).rstrip() + "\n", "python benchmarks/store_size.py"
    )
    assert page == (results / "store_size.md").read_text(encoding="utf-8")
    largest = [row for row in tables.sizes(figures) if row["asked"] == 10**7]
    assert [row["kind"] for row in largest] == ["next frame", "default"]
    assert all(row["boxes"] >= 10**7 for row in largest)
    assert all(abs(tables.exponent(tables.sizes(figures)[kind::2], "convert_s") - 1) < 0.1 for kind in (0, 1))
