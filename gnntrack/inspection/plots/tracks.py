"""A tracking result in some frames: boxes, identities and recent paths."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb

from gnntrack.errors import DataError
from gnntrack.inspection.plots.boxes import CANVAS, DrawnBox, draw_boxes, prepare
from gnntrack.inspection.plots.canvas import new_figure, save
from gnntrack.inspection.style import INK, identity_colour
from gnntrack.sequence import DETECTION, Sequence

TRAIL = 30
_WIDTH = 12.0  # inches, of all frames together


def plot_tracks(
    tracks: Sequence, path: str | PathLike[str], frames: Iterable[int] | None = None, trail: int = TRAIL
) -> None:
    """Draws tracks in some frames: boxes with identities and recent paths, on blank canvases at true scale.

    A path joins the middles of the lower edges of a track's boxes, the newer the stronger; it is dotted across gaps.
    Interpolated boxes are dashed.

    Args:
        tracks: the result, or annotations.
        path: the image to write; .png, .svg or .pdf.
        frames: which ones, from 1, side by side; default: the one with the most boxes, of equals the last.
        trail: how many frames the paths reach back.

    Raises:
        DataError: a frame has no box with an identity, or the suffix is none that can be written.

    Example:
        >>> from gnntrack import sample
        >>> plot_tracks(sample("TUD-Campus", "tracks"), "tracks.bmp", frames=[20, 40])
        Traceback (most recent call last):
        gnntrack.errors.DataError: tracks.bmp: cannot draw a bmp; use .png, .svg or .pdf
    """
    known = tracks.boxes[tracks.boxes["id"] >= 0]
    chosen = _busiest(known) if frames is None else list(frames)
    for frame in chosen:
        if not (known["frame"] == frame).any():
            raise DataError(f"{tracks.name}: no identities in frame {frame}", remedy="choose another frame")
    if not chosen:
        raise DataError(f"{tracks.name}: no identities", remedy="give tracks or annotations with ids")
    width = min(_WIDTH / len(chosen), 8.0)
    figure = new_figure(width * len(chosen), width * tracks.height / tracks.width + 0.35)
    for axes, frame in zip(figure.subplots(1, len(chosen), squeeze=False).flat, chosen, strict=True):
        view = (0.0, 0.0, float(tracks.width), float(tracks.height))
        prepare(axes, view)
        axes.set_title(f"{tracks.name}, frame {frame}", loc="left", fontsize=10, color=INK, parse_math=False)
        shown = known[known["frame"] == frame]
        recent = known[known["frame"].between(frame - trail, frame) & known["id"].isin(shown["id"])]
        _draw_paths(axes, recent, trail)
        draw_boxes(axes, [_drawn(box) for box in shown.itertuples()], view, width)
    save(figure, path)


def _drawn(box: Any) -> DrawnBox:
    """A row of the table: interpolated boxes are dashed."""
    line = "--" if getattr(box, DETECTION, 0) < 0 else "-"
    return DrawnBox((box.x, box.y, box.w, box.h), identity_colour(box.id), str(box.id), line)


def _busiest(known: pd.DataFrame) -> list[int]:
    """The last of the frames with the most boxes; no frame where there are none."""
    counts = known["frame"].value_counts()
    return [int(counts.index[counts == counts.max()].max())] if len(counts) else []


def _draw_paths(axes: Axes, recent: pd.DataFrame, trail: int) -> None:
    """A line from box to box of each identity, thinner and paler with age."""
    newest = recent["frame"].max()
    feet = recent.assign(x=recent["x"] + recent["w"] / 2, y=recent["y"] + recent["h"])
    for identity, rows in feet.sort_values("frame", kind="stable").groupby("id"):
        points = rows[["x", "y"]].to_numpy()
        strength = 1 - (newest - rows["frame"].to_numpy()[1:]) / max(1, trail)
        colour = np.array(to_rgb(identity_colour(int(identity))))
        share = (0.15 + 0.85 * strength)[:, None]  # mixed with the canvas: transparent lines would show their joints
        lines = LineCollection(
            list(np.stack([points[:-1], points[1:]], 1)),
            colors=share * colour + (1 - share) * np.array(to_rgb(CANVAS)),
            linewidths=0.8 + 2.2 * strength,
            linestyles=["-" if gap == 1 else ":" for gap in np.diff(rows["frame"])],
            capstyle="round",
            zorder=2,
        )
        axes.add_collection(lines)
