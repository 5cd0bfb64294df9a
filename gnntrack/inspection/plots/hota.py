"""HOTA and its parts at every localisation threshold."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike

from matplotlib.figure import Figure

from gnntrack.evaluation.scores import THRESHOLDS, Score
from gnntrack.inspection.plots.canvas import new_figure, save, short, tidy
from gnntrack.inspection.style import FALSE, INK, TRUE, UNKNOWN

#: Lines of results differ in colour, dash and mark.
LOOKS = [(UNKNOWN, "-", "o"), (FALSE, "--", "s"), (TRUE, "-.", "^"), ("#332288", ":", "D"), ("#b15928", "-", "v")]
LOOKS += [("#882255", "--", "x"), ("#117733", ":", "P"), ("#6b4c9a", "-.", "*")]
_CURVES = {"hota": "HOTA", "deta": "DetA: detection", "assa": "AssA: association"}


def plot_hota(scores: Mapping[str, Score], path: str | PathLike[str]) -> None:
    """Draws HOTA, DetA and AssA over the thresholds, a line for every result; its mean stands in the legend.

    Args:
        scores: name of a result to its score, of all videos together (:func:`gnntrack.evaluation.scores.combine`).
        path: the image to write; .png, .svg or .pdf.

    Raises:
        DataError: the suffix is none that can be written.
    """
    save(draw_hota(scores), path)


def draw_hota(scores: Mapping[str, Score]) -> Figure:
    """The figure of :func:`plot_hota`."""
    figure = new_figure(12, 4 + 0.17 * max(0, len(scores) - 4))
    curves = {name: score.curves() for name, score in scores.items()}
    for axes, (key, title) in zip(figure.subplots(1, 3, sharey=True), _CURVES.items(), strict=True):
        tidy(axes, title)
        for place, (name, curve) in enumerate(curves.items()):
            colour, dash, mark = LOOKS[place % len(LOOKS)]
            values = 100 * curve[key]
            label = f"{values.mean():.1f}  {short(name)}"
            axes.plot(THRESHOLDS, values, dash, color=colour, marker=mark, markersize=4, linewidth=1.7, label=label)
        axes.set(xlim=(0, 1), ylim=(0, 102))
        axes.set_xlabel("localisation threshold (IoU)", fontsize=9, color=INK)
        legend = axes.legend(fontsize=8, frameon=False, labelcolor=INK, loc="lower left", title="mean")
        legend.get_title().set(fontsize=8, color=INK)
        for text in legend.get_texts():
            text.set_parse_math(False)
    figure.axes[0].set_ylabel("percent", fontsize=9, color=INK)
    return figure
