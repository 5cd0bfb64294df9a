"""What the plots share: colours that colour-blind readers can tell apart, and writing a figure to a file."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from gnntrack.errors import DataError
from gnntrack.files import atomic_path

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TRUE, FALSE, UNKNOWN = "#0b7a75", "#d1495b", "#3a6ea5"
INK, PALE, RULE = "#1f2933", "#9aa5b1", "#e4e7eb"
#: Paul Tol's "muted" scheme, without the two that clash with TRUE and FALSE, then two more.
IDENTITIES = [
    "#332288",
    "#ddaa33",
    "#117733",
    "#88ccee",
    "#882255",
    "#999933",
    "#aa4499",
    "#3a6ea5",
    "#6b4c9a",
    "#b15928",
]


def identity_colour(identity: int) -> str:
    """The colour of an identity: the same one in every plot; grey for none."""
    return PALE if identity < 0 else IDENTITIES[identity % len(IDENTITIES)]


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
        axes.set_title(title, loc="left", fontsize=10, color=INK, fontweight="bold")


def save(figure: Figure, path: str | PathLike[str]) -> None:
    """Writes the figure atomically; the suffix (.png, .svg, .pdf) names the format.

    Raises:
        DataError: the suffix is none that matplotlib can write.
    """
    kind = Path(path).suffix.lstrip(".").lower()
    known = figure.canvas.get_supported_filetypes()
    if kind not in known:
        raise DataError(f"cannot draw a {kind or 'file without a suffix'}", remedy="use .png, .svg or .pdf", path=path)
    with atomic_path(path) as temporary:
        figure.savefig(temporary, format=kind, dpi=150)
