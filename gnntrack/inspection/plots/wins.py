"""Which result wins on which video."""

from __future__ import annotations

from os import PathLike

import numpy as np
from matplotlib.figure import Figure

from gnntrack.errors import DataError
from gnntrack.evaluation.comparison import COMPARED, Comparison
from gnntrack.evaluation.table import HEADINGS, SHARES
from gnntrack.inspection.plots.canvas import new_figure, save, short, tidy
from gnntrack.inspection.style import FALSE, INK, PALE, TRUE

MOST_BARS = 60


def plot_wins(comparison: Comparison, path: str | PathLike[str], metric: str = "hota") -> None:
    """Draws each video's difference from the first result, a panel for every other result; wins and losses in colour.

    Args:
        comparison: of two results or more.
        path: the image to write; .png, .svg or .pdf.
        metric: one of :data:`gnntrack.evaluation.comparison.COMPARED`.

    Raises:
        DataError: there is one result only, or the suffix is none that can be written.
    """
    save(draw_wins(comparison, metric), path)


def draw_wins(comparison: Comparison, metric: str = "hota") -> Figure:
    """The figure of :func:`plot_wins`."""
    if not comparison.differences:
        raise DataError("one result has no wins and losses", remedy="give another --pred")
    videos, first = comparison.sequences, comparison.rows[comparison.first]
    rows = min(len(videos), MOST_BARS)
    count = len(comparison.differences)
    figure = new_figure(4.2 * count + 2, 1.4 + 0.24 * rows)
    for place, (name, found) in enumerate(comparison.differences.items(), 1):
        factor = 100 if metric in SHARES else 1
        own = comparison.rows[name]
        values = factor * np.array([own[video][metric] - first[video][metric] for video in videos])
        order = np.argsort(values, kind="stable")
        if len(order) > MOST_BARS:  # the clearest wins and losses
            order = np.concatenate([order[: MOST_BARS // 2], order[-MOST_BARS // 2 :]])
        better = values[order] if COMPARED[metric] else -values[order]
        axes = figure.add_subplot(1, count, place)
        heading = (
            f"{short(name)} against {short(comparison.first)}\n{found[metric].wins} won, {found[metric].losses} lost"
        )
        tidy(axes)
        axes.set_title(heading, loc="left", fontsize=10, color=INK, fontweight="bold", parse_math=False)
        colours = np.where(better > 0, TRUE, np.where(better < 0, FALSE, PALE)).tolist()
        axes.barh(range(len(order)), values[order], color=colours)
        axes.axvline(0, color=INK, linewidth=0.8)
        labels = axes.set_yticks(range(len(order)), [short(videos[each]) for each in order], fontsize=7)
        for label in labels:
            label.label1.set_parse_math(False)
        unit = "percentage points" if metric in SHARES else "count"
        axes.set_xlabel(f"difference of {HEADINGS[metric]} ({unit})", fontsize=9, color=INK)
    return figure
