"""Calibration of link scores: the curve, and histograms of true against false links."""

from __future__ import annotations

from os import PathLike

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter
from torch_geometric.data import Data

from gnntrack.errors import DataError
from gnntrack.inspection.plots.canvas import new_figure, save, tidy
from gnntrack.inspection.style import FALSE, INK, PALE, TRUE, UNKNOWN

BINS = 10


def calibration(score: np.ndarray, true: np.ndarray, bins: int = BINS) -> dict[str, np.ndarray | float]:
    """How often links of a score are true.

    Args:
        score: ``(E,)`` probabilities.
        true: ``(E,)`` bool.
        bins: of equal width.

    Returns:
        ``score`` and ``true`` (mean score and share of true links of each bin, NaN where it is empty), ``count``, and
        ``error``: the expected calibration error, the mean distance of the two, weighted by count.

    Example:
        >>> result = calibration(np.array([0.1, 0.1, 0.9, 0.9]), np.array([False, False, True, False]))
        >>> round(result["error"], 2)
        0.25
    """
    index = np.clip((score * bins).astype(int), 0, bins - 1)
    count = np.bincount(index, minlength=bins)
    with np.errstate(invalid="ignore"):
        mean = np.bincount(index, weights=score, minlength=bins) / count
        share = np.bincount(index, weights=true.astype(float), minlength=bins) / count
    error = float(np.nansum(count * np.abs(mean - share)) / max(1, count.sum()))
    return {"score": mean, "true": share, "count": count, "error": error}


def plot_calibration(data: Data, path: str | PathLike[str], scores: torch.Tensor | None = None) -> None:
    """Draws the calibration curve and the scores of true and of false links.

    Args:
        data: a graph with ``edge_label``.
        path: the image to write; .png, .svg or .pdf.
        scores: probability of each link ``(E,)``; default: ``data.score``.

    Raises:
        DataError: labels or scores are missing, or there are no links.
    """
    if scores is None:
        scores = data.score if "score" in data else None
    if scores is None or "edge_label" not in data:
        raise DataError("calibration needs scores and labels", remedy="give weights and annotations")
    score, true = scores.detach().cpu().numpy().astype(float), data.edge_label.cpu().numpy() > 0.5
    if not len(score):
        raise DataError("the graph has no links", remedy="choose a longer sequence")
    figure = new_figure(11, 4.4)
    left, right = figure.subplots(1, 2)
    _curve(left, score, true)
    _histogram(right, score, true)
    name = data.name if "name" in data else "graph"
    title = f"{name}: {int(true.sum())} true and {int((~true).sum())} false candidate links"
    figure.suptitle(title, x=0.01, ha="left", fontsize=12, color=INK, fontweight="bold")
    save(figure, path)


def _curve(axes: Axes, score: np.ndarray, true: np.ndarray) -> None:
    result = calibration(score, true)
    tidy(axes, f"Calibration (expected error {result['error']:.3f})")
    mean, share, count = (np.asarray(result[key]) for key in ("score", "true", "count"))
    used = count > 0
    axes.plot([0, 1], [0, 1], "--", color=PALE, linewidth=1.2, label="perfectly calibrated")
    axes.plot(mean[used], share[used], "-", color=UNKNOWN, linewidth=1.8, marker="o", markersize=5, label="this model")
    for x, y, number in zip(mean[used], share[used], count[used], strict=True):
        axes.annotate(f"{number:,}", (x, y), (0, -12), textcoords="offset points", fontsize=7, color=INK, ha="center")
    axes.set(xlim=(-0.04, 1.04), ylim=(-0.08, 1.06))
    axes.set_xlabel("score of the links (number of links below each point)", fontsize=9, color=INK)
    axes.set_ylabel("share of them that is true", fontsize=9, color=INK)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.legend(fontsize=9, frameon=False, labelcolor=INK, loc="upper left")


def _histogram(axes: Axes, score: np.ndarray, true: np.ndarray) -> None:
    tidy(axes, "Scores of true and of false links")
    edges = np.linspace(0, 1, 26).tolist()
    for chosen, colour, name in ((~true, FALSE, "false candidates"), (true, TRUE, "true links")):
        axes.hist(
            score[chosen], edges, color=colour, alpha=0.55, label=f"{name} ({int(chosen.sum()):,})", edgecolor="white"
        )
    axes.set_yscale("log")
    axes.set_ylim(bottom=0.7)
    axes.set_xlabel("score", fontsize=9, color=INK)
    axes.set_ylabel("links (logarithmic)", fontsize=9, color=INK)
    axes.legend(fontsize=9, frameon=False, labelcolor=INK)
