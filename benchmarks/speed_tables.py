"""What speed.py found, as a page and as a figure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from speed_trackers import OURS

Result = dict[str, Any]


def table(result: Result) -> str:
    """The page."""
    parts = ["One thread, processor time, all by turns in one run."]
    for part, title in (("online", "Online"), ("offline", "Offline")):
        if part in result:
            parts.append(_speeds(title, result[part]))
    if "growth" in result:
        parts.append(_growth(result["growth"], result["exponents"]))
    if "stalls" in result:
        heads = ["a long stream, ms a frame", *next(iter(result["stalls"].values()))]
        rows = [[name, *row.values()] for name, row in result["stalls"].items()]
        parts.append(_grid([[head.replace("_", " ") for head in heads], *rows]))
    if "memory" in result:
        rows = [
            [name, " → ".join(map(str, row["peak_mb"])), " → ".join(map(str, row["frames"])), row["kilobytes_a_frame"]]
            for name, row in result["memory"].items()
        ]
        parts.append(_grid([["memory", "peak, MB", "frames", "KB a frame"], *rows]))
    if "convert" in result:
        parts.append(
            _grid([["convert, processor seconds", *result["convert"]], ["sample", *result["convert"].values()]])
        )
    return "\n\n".join(parts) + "\n"


def _speeds(title: str, found: Result) -> str:
    names = list(next(iter(found.values()))["trackers"])
    rows: list[list[Any]] = [[f"{title}: frames a second (ms at p50 / p99)", *found]]
    for name in names:
        cells = []
        for row in found.values():
            of = row["trackers"][name]
            cells.append(f"{of['frames_per_second']:,.0f} ({of['milliseconds']['p50']} / {of['milliseconds']['p99']})")
        rows.append([name, *cells])
    return _grid(rows)


def _growth(growth: Result, exponents: dict[str, float]) -> str:
    rows: list[list[Any]] = [
        ["ms a frame (p50), by boxes", *(round(row["boxes"]) for row in growth.values()), "exponent"]
    ]
    for name in next(iter(growth.values()))["trackers"]:
        times = [row["trackers"][name]["milliseconds"]["p50"] for row in growth.values()]
        rows.append([name, *times, exponents.get(name, "")])
    return _grid(rows)


def _grid(rows: list[list[Any]]) -> str:
    head, *body = [f"| {' | '.join(map(str, row))} |" for row in rows]
    return "\n".join([head, "|" + "---|" * len(rows[0]), *body])


def figure(growth: Result, path: Path) -> None:
    """Milliseconds of a frame by its boxes, both on logarithmic axes."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    drawing, axes = pyplot.subplots(figsize=(7, 4.5))
    boxes = [row["boxes"] for row in growth.values()]
    for name in next(iter(growth.values()))["trackers"]:
        times = [row["trackers"][name]["milliseconds"]["p50"] for row in growth.values()]
        axes.plot(
            boxes, times, "o-" if name.startswith(OURS) else ".--", label=name, linewidth=2 if name == OURS else 1
        )
    axes.set(xscale="log", yscale="log", xlabel="boxes in a frame", ylabel="ms a frame, one thread")
    axes.legend(fontsize="small", loc="upper left")
    drawing.tight_layout()
    drawing.savefig(path, metadata={"Date": None})
    pyplot.close(drawing)
