"""Statistics and explanations as text for the terminal."""

from __future__ import annotations

from typing import Any

import numpy as np
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from gnntrack.inspection.explanation import Explanation, Link, Side


def statistics_text(figures: dict[str, Any]) -> RenderableType:
    """The figures of :func:`gnntrack.inspection.statistics.graph_statistics` as a table."""
    table = Table(
        title=escape(figures["name"]) or None, title_justify="left", show_header=False, box=None, padding=(0, 2, 0, 0)
    )
    links = figures["links"]
    table.add_row("boxes", f"{figures['nodes']} in {figures['frames']} frames")
    by_gap = ", ".join(f"{gap}: {count}" for gap, count in links["by_gap"].items())
    table.add_row("candidate links", f"{links['count']}  (by gap in frames: {by_gap})" if by_gap else "0")
    table.add_row("neighbours in a frame", str(figures["neighbours"]))
    for side, name in (
        ("out", "links out of a box"),
        ("in", "links into a box"),
        ("neighbours", "neighbours of a box"),
    ):
        degree = figures["degrees"][side]
        table.add_row(name, f"mean {degree['mean']:.1f}, largest {degree['largest']}, boxes without: {degree['none']}")
    parts = figures["components"]
    table.add_row("components", f"{parts['temporal']} through time, {parts['spatial']} within frames")
    table.add_row("true links kept", _truth(figures["truth"]))
    table.add_row("ambiguous boxes", _ambiguity(figures["ambiguity"]))
    if figures["conservation"]:
        flow = figures["conservation"]
        text = f"mean {flow['mean']:.3f}, 95 % below {flow['p95']:.3f}, largest {flow['largest']:.2f}"
        table.add_row("conservation residual", f"{text}; boxes with more than 1.05 units: {flow['overfull']}")
    windows = figures["windows"]
    for kind, name in (("temporal", "σ₂ of links"), ("spatial", "σ₂ of neighbours")):
        values = np.array([row[kind]["connectivity"] for row in windows])
        if len(values):
            whole = int((values > 0).sum())
            text = f"mean {values.mean():.3f}, {values.min():.3f} to {values.max():.3f}; above 0 in {whole}"
            frames = windows[0]["last"] - windows[0]["first"] + 1
            table.add_row(name, f"{text} of {len(values)} windows of {frames} frames")
    return table


def _truth(truth: dict[str, Any] | None) -> str:
    if truth is None:
        return "unknown: no annotations"
    if truth["oracle_recall"] is None:
        return "none to keep"
    text = f"{truth['oracle_recall']:.2%} ({truth['kept']} of {truth['within_gap']} within the longest gap"
    return f"{text}; {truth['all']} of any gap); boxes of no object: {truth['false_positive_boxes']}"


def _ambiguity(figures: dict[str, Any]) -> str:
    sides = [
        f"{figures[side]['ambiguous']} of {figures[side]['boxes']} {name}"
        for side, name in (("out", "going out"), ("in", "coming in"))
    ]
    unit = "of score" if figures["by"] == "score" else "box heights in the next frame"
    return f"{', '.join(sides)} (two best links within {figures['margin']:g} {unit})"


def explanation_text(explanation: Explanation) -> RenderableType:
    """An explanation as two tables, one a side."""
    x, y, w, h = explanation.box
    title = f"{explanation.sequence}: track {explanation.track} in frame {explanation.frame}"
    box = f"box {x:.1f} {y:.1f} {w:.1f} {h:.1f}, confidence {explanation.confidence:.2f}"
    if explanation.identity is not None:
        box += (
            f", on annotated object {explanation.identity}" if explanation.identity >= 0 else ", on no annotated object"
        )
    return Group(
        Text(title, style="bold"),
        Text(box),
        Text(),
        *_side("Where it came from", explanation.came_from),
        Text(),
        *_side("Where it goes", explanation.goes_to),
    )


def _side(title: str, side: Side) -> list[RenderableType]:
    head = [Text(title, style="bold"), Text(f"tracker: {side.verdict}"), Text(f"truth:   {side.truth}")]
    if not side.links:
        return [*head]
    terms = list(dict.fromkeys(name for link in side.links for name in link.terms))
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("frame", "track", "gap", "score", ""):
        table.add_column(name, justify="right" if name else "left", no_wrap=True)
    for name in terms:
        table.add_column(f"Δ {name}", justify="right", no_wrap=True)
    for link in side.links:
        marks = [word for word, is_so in (("chosen", link.chosen), ("true", bool(link.true))) if is_so]
        table.add_row(
            str(link.frame),
            str(link.track) if link.track >= 0 else "–",
            str(link.gap),
            f"{link.score:.3f}",
            ", ".join(marks),
            *(f"{link.terms[name]:+.3f}" if name in link.terms else "" for name in terms),
        )
    note = f"{side.candidates} candidates" + (
        "; of each track the best is shown" if side.candidates > len(side.links) else ""
    )
    if terms:
        note += "; Δ: how the loss would change, term by term, if that link were made instead"
    return [*head, table, *(_differences(link) for link in side.links if link.differences), Text(note, style="dim")]


def _differences(link: Link) -> Text:
    """The features in which a rival differs most from the first row of its table."""
    items = [f"{item.feature} {item.here:.2f} instead of {item.first:.2f}" for item in link.differences]
    name = f"track {link.track}" if link.track >= 0 else "no track"
    return Text(f"  {name}, frame {link.frame}: {'; '.join(items)}", style="dim")
