"""Scores and comparisons as text: Markdown, LaTeX, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from gnntrack.evaluation.comparison import COMPARED, DENSITIES, LEVEL, Comparison, Difference
from gnntrack.evaluation.scores import Metrics
from gnntrack.evaluation.table import HEADINGS, SHARES, cells, in_percent, printed

To = Literal["table", "md", "latex", "csv", "json"]
_LATEX = {"\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_LATEX |= {character: f"\\{character}" for character in "&%$#_"}
_MARKDOWN = {"\\": "\\\\", "|": "\\|", "<": "&lt;", ">": "&gt;", "&": "&amp;", "*": "\\*", "_": "\\_", "`": "\\`"}
_MARKDOWN |= {"[": "\\[", "]": "\\]"}


@dataclass(frozen=True)
class Block:
    """A table of text.

    Attributes:
        title: above it.
        header: names of the columns.
        rows: a list of cells a row.
        names: how many columns, from the left, hold names.
    """

    title: str
    header: list[str]
    rows: list[list[str]]
    names: int = 1


def of_rows(rows: Mapping[str, Metrics], title: str = "", first: str = "sequence") -> Block:
    """The main metrics, a row a sequence."""
    return Block(title, [first, *HEADINGS.values()], [[name, *cells(row)] for name, row in rows.items()])


def of_comparison(comparison: Comparison) -> list[Block]:
    """All results together, their differences, and each video and class of videos."""
    blocks = [of_rows({name: rows["COMBINED"] for name, rows in comparison.rows.items()}, "all videos", "result")]
    if comparison.differences:
        title = f"difference from {comparison.first}: value [{LEVEL:.0%} interval] wins:losses on videos"
        header = ["result", *(HEADINGS[metric] for metric in COMPARED)]
        lines = [
            [name, *(_difference(metric, found[metric]) for metric in COMPARED)]
            for name, found in comparison.differences.items()
        ]
        blocks.append(Block(title, header, lines))
    kinds = {kind: sum(its == kind for its in comparison.density.values()) for kind in DENSITIES}
    labels = {kind: f"{kind} ({count} video{'s' * (count > 1)})" for kind, count in kinds.items() if count}
    blocks.append(_grouped("objects in view", labels, comparison.by_density))
    blocks.append(_grouped("video", {video: video for video in comparison.sequences}, comparison.rows))
    return blocks


def _grouped(first: str, labels: Mapping[str, str], rows: Mapping[str, Mapping[str, Metrics]]) -> Block:
    """Rows of every result, side by side for each video, or class of videos."""
    lines = [[label, name, *cells(found[key])] for key, label in labels.items() for name, found in rows.items()]
    return Block(f"by {first}", [first, "result", *HEADINGS.values()], lines, names=2)


def print_blocks(blocks: Iterable[Block]) -> None:
    """Prints tables to stdout."""
    for block in blocks:
        printed(block.title, block.header, block.rows, block.names)


def markdown(blocks: Iterable[Block]) -> str:
    r"""Tables of Markdown.

    Example:
        >>> print(markdown([Block("", ["name", "HOTA"], [["a|b", "61.2"]])]))
        | name | HOTA |
        |---|---|
        | a\|b | 61.2 |
    """
    parts = []
    for block in blocks:
        lines = [block.header, *block.rows]
        text = [f"| {' | '.join(_escaped(cell, _MARKDOWN) for cell in line)} |" for line in lines]
        text.insert(1, f"|{'---|' * len(block.header)}")
        parts.append("\n".join([*([_escaped(block.title, _MARKDOWN), ""] if block.title else []), *text]))
    return "\n\n".join(parts)


def latex(blocks: Iterable[Block]) -> str:
    """Tables of LaTeX; they want the package booktabs."""
    parts = []
    for block in blocks:
        header, *lines = [
            " & ".join(_escaped(cell, _LATEX) for cell in line) + r" \\" for line in [block.header, *block.rows]
        ]
        title = [f"% {_escaped(block.title, _LATEX)}"] if block.title else []
        columns = "l" * block.names + "r" * (len(block.header) - block.names)
        frame = [f"\\begin{{tabular}}{{{columns}}}", r"\toprule", header, r"\midrule"]
        parts.append("\n".join([*title, *frame, *lines, r"\bottomrule", r"\end{tabular}"]))
    return "\n\n".join(parts)


def rows_as(rows: Mapping[str, Metrics], to: To) -> str:
    """Scores as text: Markdown and LaTeX have the main metrics, CSV and JSON all."""
    if to == "json":
        return json.dumps(in_percent(rows))
    if to == "csv":
        return as_csv({"sequence": name, **row} for name, row in in_percent(rows).items())
    return (markdown if to == "md" else latex)([of_rows(rows)])


def comparison_as(comparison: Comparison, to: To) -> str:
    """A comparison as text. In CSV, each value has a line."""
    if to == "json":
        return json.dumps(as_dictionary(comparison))
    if to == "csv":
        return as_csv(_records(comparison))
    return (markdown if to == "md" else latex)(of_comparison(comparison))


def as_dictionary(comparison: Comparison) -> dict[str, Any]:
    """``results``, ``density`` (of each video), ``by_density`` and ``differences``; shares in percent."""
    return {
        "results": {name: in_percent(rows) for name, rows in comparison.rows.items()},
        "density": comparison.density,
        "by_density": {name: in_percent(rows) for name, rows in comparison.by_density.items()},
        "differences": {
            name: {metric: asdict(_in_points(metric, difference)) for metric, difference in found.items()}
            for name, found in comparison.differences.items()
        },
    }


def _records(comparison: Comparison) -> Iterable[dict[str, Any]]:
    for kind, results in (("video", comparison.rows), ("density", comparison.by_density)):
        for name, rows in results.items():
            for row, metrics in in_percent(rows).items():
                for metric, value in metrics.items():
                    yield _record(kind if row != "COMBINED" else "combined", name, row, metric, value)
    for name, found in comparison.differences.items():
        for metric, difference in found.items():
            rest = asdict(_in_points(metric, difference))
            yield _record("difference", name, comparison.first, metric, rest.pop("value")) | rest


def _record(kind: str, name: str, row: str, metric: str, value: float) -> dict[str, Any]:
    record: dict[str, Any] = {"table": kind, "result": name, "row": row, "metric": metric, "value": value}
    return record | dict.fromkeys(("low", "high", "wins", "losses"))


def _in_points(metric: str, difference: Difference) -> Difference:
    """Differences of shares in percentage points."""
    factor = 100 if metric in SHARES else 1
    value, low, high = (
        None if each is None else round(factor * each, 3) + 0.0
        for each in (difference.value, difference.low, difference.high)
    )
    assert value is not None
    return Difference(value, low, high, difference.wins, difference.losses)


def _difference(metric: str, difference: Difference) -> str:
    shown = _in_points(metric, difference)
    digits = 1 if metric in SHARES else 0
    interval = "" if shown.low is None else f" [{shown.low:+.{digits}f}, {shown.high:+.{digits}f}]"
    return f"{shown.value:+.{digits}f}{interval} {shown.wins}:{shown.losses}"


def as_csv(records: Iterable[Mapping[str, Any]]) -> str:
    """Records as CSV; their columns are those of the first."""
    found = list(records)
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(found[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: _harmless(value) for key, value in record.items()} for record in found)
    return stream.getvalue().rstrip("\n")


def _harmless(value: Any) -> Any:
    """Names that a spreadsheet would take for a formula get an apostrophe."""
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" and value else value


def _escaped(text: str, table: Mapping[str, str]) -> str:
    return "".join(table.get(character, character) for character in " ".join(text.split()))
