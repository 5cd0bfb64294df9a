"""Tracks over time: one bar an identity, switches marked."""

from __future__ import annotations

from os import PathLike

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from gnntrack.errors import DataError
from gnntrack.evaluation.errors import TOTALS
from gnntrack.inspection.plots.canvas import new_figure, save, tidy
from gnntrack.inspection.style import FALSE, INK, PALE, UNKNOWN, identity_colour
from gnntrack.sequence import Sequence

MOST_BARS = 60
_MARKS = {
    "swap": ("X", FALSE, "swap of two subjects"),
    "switch_after_occlusion": ("v", "#b15928", "switch after occlusion"),
    "temporal_inconsistency": ("D", UNKNOWN, "switch in plain sight"),
}


def plot_timeline(
    tracks: Sequence, path: str | PathLike[str], truth: Sequence | None = None, errors: pd.DataFrame | None = None
) -> None:
    """Draws when each identity is there.

    Without annotations every bar is a track. With them every bar is an annotated object: pale where it is there,
    coloured by the track that follows it where one does, so a change of colour is a switch; switches are marked by
    kind.

    Args:
        tracks: the result.
        path: the image to write; .png, .svg or .pdf.
        truth: annotations that count.
        errors: of :func:`gnntrack.evaluation.errors.find_errors`; default: found here, where ``truth`` is given.

    Raises:
        DataError: there is nothing to draw.
    """
    shown = truth if truth is not None else tracks
    identity = shown.boxes["id"].to_numpy()
    names, first = np.unique(identity[identity >= 0], return_index=True)
    if not len(names):
        raise DataError(f"{shown.name}: no identities", remedy="give tracks or annotations with ids")
    names = names[np.argsort(shown.frames[identity >= 0][first], kind="stable")]
    hidden, names = max(0, len(names) - MOST_BARS), names[:MOST_BARS]
    place = {name: position for position, name in enumerate(names.tolist())}
    figure = new_figure(11, 1.3 + 0.24 * len(names))
    axes = figure.add_subplot()
    tidy(axes)
    _bars(axes, shown, place, PALE if truth is not None else None)
    handles: list[Line2D] = []
    if truth is not None:
        if errors is None:
            from gnntrack.evaluation.errors import find_errors

            errors = find_errors(truth, tracks)
        _bars(axes, _followed(truth, tracks), place, None, thin=True)
        handles = _switches(axes, errors, place)
    axes.set_yticks(range(len(names)), [str(name) for name in names], fontsize=8)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_xlim(0.5, max(shown.length, tracks.length) + 0.5)
    axes.set_xlabel("frame", fontsize=9, color=INK)
    axes.set_ylabel("annotated object" if truth is not None else "track", fontsize=9, color=INK)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    note = (
        "grey: annotated; coloured: followed, by the track of that number" if truth is not None else "one bar a track"
    )
    note += f" ({hidden} later ones not drawn)" if hidden else ""
    axes.set_title(f"{tracks.name}: {note}", loc="left", fontsize=11, color=INK, fontweight="bold")
    if handles:
        figure.legend(handles=handles, loc="outside lower center", ncols=3, frameon=False, fontsize=9, labelcolor=INK)
    save(figure, path)


def _bars(axes: Axes, shown: Sequence, place: dict[int, int], colour: str | None, thin: bool = False) -> None:
    """A bar for every stretch of frames without gap; ``class_id`` holds the colour's identity in followed objects."""
    known = shown.boxes[shown.boxes["id"].isin(list(place))].sort_values(["id", "frame"], kind="stable")
    identity, frame, track = (known[name].to_numpy() for name in ("id", "frame", "class_id" if thin else "id"))
    breaks = (np.diff(identity) != 0) | (np.diff(frame) != 1) | (np.diff(track) != 0)
    starts = np.concatenate([[0], np.flatnonzero(breaks) + 1]) if len(known) else np.zeros(0, dtype=int)
    ends = np.append(starts[1:], len(known))[: len(starts)] - 1
    rows = [place[name] for name in identity[starts].tolist()]
    segments = [[(frame[s] - 0.5, y), (frame[e] + 0.5, y)] for s, e, y in zip(starts, ends, rows, strict=True)]
    colours = [colour or identity_colour(int(name)) for name in track[starts]]
    alpha = 0.35 if colour else 1.0
    axes.add_collection(
        LineCollection(
            segments,
            colors=colours,
            linewidths=5 if thin else 10,
            alpha=alpha,
            capstyle="butt",
            zorder=3 if thin else 2,
        )
    )
    if not thin:
        return
    for s, e, y in zip(starts, ends, rows, strict=True):
        if e - s > 0.02 * shown.length:
            axes.text(frame[s] - 0.3, y - 0.27, str(track[s]), fontsize=6.5, color=INK, va="bottom", zorder=4)


def _followed(truth: Sequence, tracks: Sequence) -> Sequence:
    """The annotated boxes that a track follows, with the track as ``class_id``, as the CLEAR metrics match them."""
    from gnntrack.evaluation.matches import match
    from gnntrack.evaluation.scene import Scene

    matches = match(Scene.of(truth, tracks))
    found = matches.clear >= 0
    table = truth.boxes[found].assign(class_id=matches.names[matches.name[matches.clear[found]]])
    return Sequence(truth.name, table, truth.width, truth.height, truth.frame_rate, truth.length)


def _switches(axes: Axes, errors: pd.DataFrame, place: dict[int, int]) -> list[Line2D]:
    handles = []
    for kind in TOTALS["idsw"]:
        marker, colour, name = _MARKS[kind]
        found = errors[(errors["kind"] == kind) & errors["object"].isin(list(place))]
        handles.append(Line2D([], [], linestyle="", marker=marker, color=colour, label=f"{name} ({len(found)})"))
        rows = [place[item] for item in found["object"].tolist()]
        marks = axes.scatter(found["frame"] - 0.5, rows, s=52, marker=marker, color=colour, zorder=5)
        marks.set(edgecolor="white", linewidth=0.8)
    return handles
