"""What store_size.py found, as a page, and what it says of 10⁹ boxes."""

from __future__ import annotations

import math
from typing import Any

Figures = dict[str, dict[str, Any]]

#: What a bucket costs, US dollars: a gigabyte a month, 1000 objects written, 1000 read (S3 Standard in us-east-1; yours
#: will differ).
MONTH, WRITTEN, READ = 0.023, 0.005, 0.0004
PLANNED, CORES = 10**9, 64


def sizes(figures: Figures) -> list[dict[str, Any]]:
    """Each size of each kind of graphs, its parts added up; memory is that of the largest part."""
    rows = []
    names = [key.partition(", part")[0] for key in figures if key.endswith(": read")]
    for name in dict.fromkeys(names):
        kind, boxes = name.removesuffix(" boxes").split(", ")
        parts = {
            step: [value for key, value in figures.items() if key.startswith(f"{name}, part") and key.endswith(step)]
            for step in ("convert", "read")
        }
        convert, read = ({key: sum(each[key] for each in parts[step]) for key in parts[step][0]} for step in parts)
        rows.append(
            {
                "kind": kind,
                "asked": int(boxes),
                "stores": len(parts["read"]),
                "boxes": convert["boxes"],
                "shards": convert["shards"],
                "bytes": convert["bytes"],
                "convert_s": convert["cpu_s"],
                "read_s": read["cpu_s"],
                "convert_mb": max(each["peak_mb"] for each in parts["convert"]),
                "read_mb": max(each["peak_mb"] for each in parts["read"]),
            }
        )
    return rows


def exponent(rows: list[dict[str, Any]], key: str) -> float:
    """How a cost grows with boxes: the slope between the smallest and the largest size, logarithms of both."""
    first, last = rows[0], rows[-1]
    if first is last:
        return math.nan
    return math.log(last[key] / first[key]) / math.log(last["boxes"] / first["boxes"])


def measured(figures: Figures) -> str:
    """The table of what was measured."""
    head = (
        "| graphs | boxes | stores | shards | bytes a box | converted, boxes/s | read, boxes/s "
        "| peak converting, MB | peak reading, MB |"
    )
    lines = [head, "|" + "---|" * 9]
    for row in sizes(figures):
        cells = [
            row["kind"],
            f"{row['boxes']:,}",
            row["stores"],
            f"{row['shards']:,}",
            f"{row['bytes'] / row['boxes']:,.0f}",
            f"{row['boxes'] / row['convert_s']:,.0f}",
            f"{row['boxes'] / row['read_s']:,.0f}",
            f"{row['convert_mb']:.0f}",
            f"{row['read_mb']:.0f}",
        ]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


def growth(figures: Figures) -> str:
    """The exponents of growth."""
    lines = ["| graphs | time to convert | time to read | bytes |", "|---|---|---|---|"]
    for kind in dict.fromkeys(row["kind"] for row in sizes(figures)):
        rows = [row for row in sizes(figures) if row["kind"] == kind]
        cells = [f"boxes^{exponent(rows, key):.2f}" for key in ("convert_s", "read_s", "bytes")]
        lines.append(f"| {kind} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def plan(figures: Figures) -> str:
    """What 10⁹ boxes would take, from the largest size of each kind."""
    kinds = {row["kind"]: row for row in sizes(figures)}  # the last of each is the largest
    index = [figures[key] for key in figures if key.startswith("index of")][-1]
    handed = [figures[key] for key in figures if key.endswith("handed out")]

    def of(row: dict[str, Any], key: str) -> float:
        return float(row[key]) / row["boxes"] * PLANNED

    def hours(seconds: float) -> str:
        return f"{seconds / 3600:.1f} h; on {CORES} cores {seconds / 3600 / CORES:.2f} h"

    lines = [f"| 10⁹ boxes | {' | '.join(kinds)} |", "|---|" + "---|" * len(kinds)]
    values = {
        "shards": [
            f"{of(row, 'shards'):,.0f}, {row['bytes'] / row['shards'] / 1e6:.0f} MB each" for row in kinds.values()
        ],
        "size": [f"{of(row, 'bytes') / 1e12:.2f} TB" for row in kinds.values()],
        "converting, hours of a core": [hours(of(row, "convert_s")) for row in kinds.values()],
        "handing out, by the one process that reads the boxes": [
            f"{each['cpu_s'] / each['boxes'] * PLANNED / 3600:.2f} h, {each['bytes'] / each['boxes']:.0f} GB to others"
            for each in handed[-1:] * len(kinds)
        ]
        or ["not measured"] * len(kinds),
        "reading an epoch, hours of a core": [hours(of(row, "read_s")) for row in kinds.values()],
        "reading an epoch over 10 Gbit/s": [f"{of(row, 'bytes') * 8 / 1e10 / 3600:.1f} h" for row in kinds.values()],
        "keeping it in a bucket": [f"${of(row, 'bytes') / 1e9 * MONTH:,.0f} a month" for row in kinds.values()],
        "writing its objects": [f"${of(row, 'shards') / 1000 * WRITTEN:,.2f}" for row in kinds.values()],
        "asking for its objects, an epoch": [f"${of(row, 'shards') / 1000 * READ:,.2f}" for row in kinds.values()],
        "its index": [
            f"{index['bytes'] / index['shards'] * of(row, 'shards') / 1e6:.0f} MB, read in "
            f"{index['read_cpu_s'] / index['shards'] * of(row, 'shards'):.1f} s"
            for row in kinds.values()
        ],
    }
    return "\n".join([*lines, *(f"| {name} | {' | '.join(cells)} |" for name, cells in values.items())])


def page(figures: Figures) -> str:
    """The whole page."""
    memory = ", ".join(
        f"{each['shards']:,} shards {each['peak_mb']:.0f} MB" for key, each in figures.items() if "index" in key
    )
    return "\n\n".join(
        [
            "Processor time of one process, whatever else the machine did. Peak memory counts what Python and its "
            "packages take: 231 MB converting, 501 MB reading; 64 shards stayed mapped while this was read, now 16 do.",
            measured(figures),
            "How costs grow with boxes, from the smallest to the largest:",
            growth(figures),
            f"An index, written and read: {memory}.",
            "From the largest of each, what 10⁹ would take:",
            plan(figures),
            "",
        ]
    )
