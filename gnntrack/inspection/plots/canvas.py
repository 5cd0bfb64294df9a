"""What the plots share: figures without global state, quiet axes, and writing a figure to a file."""

from __future__ import annotations

import warnings
from os import PathLike
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from gnntrack.errors import DataError
from gnntrack.files import atomic_path
from gnntrack.inspection.style import INK, PALE, RULE
from gnntrack.remote import as_path

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def new_figure(width: float, height: float) -> Figure:
    """An empty figure, in inches, that belongs to no window and no global state."""
    return Figure(figsize=(width, height), layout="constrained", facecolor="white")


def tidy(axes: Axes, title: str = "") -> None:
    """Quiet frame and grid, title at the left."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(PALE)
    axes.tick_params(colors=INK, labelsize=8, length=3)
    axes.grid(color=RULE, linewidth=0.8)
    axes.set_axisbelow(True)
    if title:
        axes.set_title(title, loc="left", fontsize=10, color=INK, fontweight="bold", parse_math=False)


def short(text: str) -> str:
    """The text, if it is not too long for a plot; else its beginning."""
    return text if len(text) <= 40 else f"{text[:37]}…"


def save(figure: Figure, path: str | PathLike[str]) -> None:
    """Writes the figure atomically; the suffix (.png, .svg, .pdf) names the format.

    Raises:
        DataError: the suffix is none that matplotlib can write.
    """
    kind = as_path(path).suffix.lstrip(".").lower()
    known = figure.canvas.get_supported_filetypes()
    if kind not in known:
        raise DataError(f"cannot draw a {kind or 'file without a suffix'}", remedy="use .png, .svg or .pdf", path=path)
    with atomic_path(path) as temporary, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")  # of a name in other letters: drawn as boxes
        figure.savefig(temporary, format=kind, dpi=150)
