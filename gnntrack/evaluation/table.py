"""Results for people: percent, and a table."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gnntrack.evaluation.scores import Metrics
from gnntrack.showing import printable

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
HEADINGS = {
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


def cells(row: Metrics) -> list[str]:
    """The main metrics as text: percent to one decimal, or counts; a dash where there is none."""
    return [
        "–" if key not in row else f"{100 * row[key]:.1f}" if key in SHARES else f"{row[key]:.0f}" for key in HEADINGS
    ]


def print_table(rows: Mapping[str, Metrics], title: str | None = None, first: str = "sequence") -> None:
    """Prints the rows to stdout."""
    printed(title, [first, *HEADINGS.values()], [[name, *cells(row)] for name, row in rows.items()])


def printed(title: str | None, header: list[str], rows: list[list[str]], names: int = 1) -> None:
    """Prints a table to stdout, ``names`` columns of names first; names are no markup."""
    table = Table(title=None if not title else escape(printable(title)), title_justify="left")
    for heading in header[:names]:
        table.add_column(heading, no_wrap=True)
    for heading in header[names:]:
        table.add_column(heading, justify="right")
    for row in rows:
        table.add_row(*(escape(printable(cell)) for cell in row), style="bold" if row[0] == "COMBINED" else None)
    Console(width=None if Console().is_terminal else 120).print(table)
