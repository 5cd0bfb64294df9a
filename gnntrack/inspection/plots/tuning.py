"""What a search of settings found: the score of every trial, and which settings mattered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike

import numpy as np

from gnntrack.inspection.plots.canvas import new_figure, save, tidy
from gnntrack.inspection.style import PALE, TRUE


def plot_tuning(scores: Sequence[float], importance: Mapping[str, float], path: str | PathLike[str]) -> None:
    """Draws the scores of trials, the best so far, and the share of each setting.

    Args:
        scores: of every finished trial.
        importance: of settings.
        path: to write: .png, .svg or .pdf.
    """
    figure = new_figure(9, 3.4)
    left, right = figure.subplots(1, 2, width_ratios=(1.4, 1))
    tidy(left, "HOTA of trials, mean over videos")
    left.plot(np.arange(1, len(scores) + 1), scores, "o", color=PALE, markersize=4, label="trial")
    left.plot(np.arange(1, len(scores) + 1), np.maximum.accumulate(scores), color=TRUE, label="best so far")
    left.set_xlabel("trial that was not stopped early")
    left.legend(frameon=False, fontsize=8)
    tidy(right, "What mattered")
    names = list(importance)[::-1]
    right.barh(names, [importance[name] for name in names], color=TRUE)
    right.set_xlabel("share of the differences")
    save(figure, path)
