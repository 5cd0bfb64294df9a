"""Results for people: percent, and a table."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from gnntrack.evaluation.scores import Metrics

#: Metrics that are shares; all others are counts.
SHARES = (
    "hota",
    "deta",
    "assa",
    "detre",
    "detpr",
    "assre",
    "asspr",
    "loca",
    "owta",
    "mota",
    "motp",
    "recall",
    "precision",
    "idf1",
    "idp",
    "idr",
    "purity",
    "completeness",
)
#: Means, neither shares nor counts.
MEANS = (
    "frames_to_switch",
    "track_length_mean",
    "track_length_quarter",
    "track_length_median",
    "track_length_three_quarters",
)
_HEADINGS = {
    "hota": "HOTA",
    "deta": "DetA",
    "assa": "AssA",
    "mota": "MOTA",
    "idf1": "IDF1",
    "idsw": "switches",
    "fragmentations": "fragments",
    "false_positives": "false pos.",
    "misses": "misses",
}


def in_percent(rows: Mapping[str, Metrics]) -> dict[str, dict[str, float | int]]:
    """Shares in percent to three decimals, means to two, counts as whole numbers.

    Example:
        >>> in_percent({"a": {"mota": 0.5261, "idsw": 7.0}})
        {'a': {'mota': 52.61, 'idsw': 7}}
    """
    return {name: {key: _shown(key, value) for key, value in row.items()} for name, row in rows.items()}


def _shown(metric: str, value: float) -> float | int:
    if metric in SHARES:
        return round(100 * value, 3)
    return round(value, 2) if metric in MEANS else int(value)


def print_table(rows: Mapping[str, Metrics], title: str | None = None, first: str = "sequence") -> None:
    """Prints the rows to stdout."""
    table = Table(title=title, title_justify="left")
    table.add_column(first, no_wrap=True)
    for heading in _HEADINGS.values():
        table.add_column(heading, justify="right")
    for name, row in rows.items():
        cells = [f"{100 * row[key]:.1f}" if key in SHARES else f"{row[key]:.0f}" for key in _HEADINGS]
        table.add_row(name, *cells, style="bold" if name == "COMBINED" else None)
    Console(width=None if Console().is_terminal else 120).print(table)
