"""Training curves from the metrics file of a run."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from gnntrack.errors import DataError
from gnntrack.inspection.plots.canvas import new_figure, save, tidy
from gnntrack.inspection.style import IDENTITIES, INK, PALE
from gnntrack.remote import as_path

SPLITS = ("train", "validation")


@dataclass(frozen=True)
class _Panel:
    """A panel and the parts that belong in it: the pattern must match the whole name."""

    title: str
    label: str
    parts: str
    logarithmic: bool = False


_PANELS = [
    _Panel("Total loss", "loss", r"total|loss"),
    _Panel("Share of each term (λ)", "λ", r"lambda_.*"),
    _Panel("Algebraic connectivity (σ₂)", "σ₂", r"(sigma|connectivity)_.*"),
    _Panel(
        "Counts",
        "links or boxes",
        r".*(count|counts|_positives|_negatives|_misses|_negatives|links|nodes|edges)(_soft|_hard)?",
    ),
    _Panel(
        "Quality",
        "share",
        r"accuracy|precision|recall|f1|auc|average_precision|mota|idf1|hota|.*_(accuracy|precision|recall)",
    ),
    _Panel("Learning rate", "rate", r"lr|learning_rate", logarithmic=True),
    _Panel("Loss terms", "value", r".*"),
]
_ORDER = [
    "Total loss",
    "Loss terms",
    "Share of each term (λ)",
    "Algebraic connectivity (σ₂)",
    "Quality",
    "Counts",
    "Learning rate",
]


def plot_training(metrics: str | PathLike[str], path: str | PathLike[str]) -> None:
    """Draws what a training run logged: total loss, loss terms, λ, σ₂, counts, each in a panel of its own.

    Solid lines with dots are training, dashed lines with open dots validation; a part has one colour in both. Values
    are means over an epoch.

    Args:
        metrics: ``RUN/metrics.csv`` with the columns ``epoch, step, train/<part>, validation/<part>``; NaN where not
            logged.
        path: the image to write; .png, .svg or .pdf.

    Raises:
        DataError: the file is missing, is no such table, or holds no logged value.
    """
    table = _read(as_path(metrics))
    parts: dict[str, list[str]] = {}
    for column in table.columns:
        split, _, part = column.partition("/")
        if split in SPLITS and part and table[column].notna().any() and part not in parts.setdefault(part, []):
            parts[part].append(split)
    if not parts:
        raise DataError("nothing was logged", remedy="expected columns train/<part>, validation/<part>", path=metrics)
    panels: dict[str, list[str]] = {}
    for part in parts:
        panel = next(panel for panel in _PANELS if re.fullmatch(panel.parts, part))
        panels.setdefault(panel.title, []).append(part)
    shown = sorted(panels, key=_ORDER.index)

    columns = 3 if len(shown) in (3, 5, 6) else min(2, len(shown))
    rows = math.ceil(len(shown) / columns)
    figure = new_figure(5.2 * columns, 3.1 * rows + 0.5)
    grid = figure.subplots(rows, columns, squeeze=False)
    by_title = {panel.title: panel for panel in _PANELS}
    for axes, title in zip(grid.flat, shown, strict=False):
        _draw(axes, table, by_title[title], panels[title])
    for axes in list(grid.flat)[len(shown) :]:
        axes.set_axis_off()
    epochs = int(table["epoch"].max()) + 1
    name = as_path(metrics).resolve().parent.name
    note = f"{name}: {epochs} epoch{'s' if epochs != 1 else ''}   ●— training   ○-- validation"
    figure.suptitle(note, x=0.01, ha="left", fontsize=11, color=INK)
    save(figure, path)


def _read(path: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(path)
    except (OSError, ValueError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise DataError(f"cannot read: {error}", remedy="expected RUN/metrics.csv", path=path) from None
    if "epoch" not in table:
        raise DataError("no column epoch", remedy="expected RUN/metrics.csv", path=path)
    return table.apply(pd.to_numeric, errors="coerce").groupby("epoch", as_index=False).mean()


def _draw(axes: Axes, table: pd.DataFrame, panel: _Panel, parts: list[str]) -> None:
    tidy(axes, panel.title)
    lowest, highest = np.inf, -np.inf
    for position, part in enumerate(parts):
        colour = IDENTITIES[position % len(IDENTITIES)]
        named = part.removeprefix("lambda_").removeprefix("sigma_").replace("_", " ")
        for split, line, face in (("train", "-", colour), ("validation", "--", "white")):
            column = f"{split}/{part}"
            if column not in table or not table[column].notna().any():
                continue
            logged = table[["epoch", column]].dropna()
            label = named if split == "train" or f"train/{part}" not in table else None
            (curve,) = axes.plot(logged["epoch"] + 1, logged[column], line, color=colour, linewidth=1.6, label=label)
            curve.set(marker="o", markersize=3.5, markerfacecolor=face)
            lowest, highest = min(lowest, logged[column].min()), max(highest, logged[column].max())
    if panel.label == "λ":
        axes.set_ylim(-0.03, 1.03)
    if panel.logarithmic and lowest > 0 and highest / lowest > 20:
        axes.set_yscale("log")
    if lowest < 0 < highest:
        axes.axhline(0, color=PALE, linewidth=0.8)
    axes.set_xlabel("epoch", fontsize=8, color=INK)
    axes.set_ylabel(panel.label, fontsize=8, color=INK)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if len(parts) > 1 or panel.title == "Loss terms":
        axes.legend(fontsize=8, frameon=False, labelcolor=INK)
