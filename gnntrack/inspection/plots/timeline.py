"""Tracks over time: one bar an identity; of annotated objects coloured by the tracks that follow them."""

from __future__ import annotations

from os import PathLike

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from gnntrack.errors import DataError
from gnntrack.evaluation.errors import TOTALS, errors_in
from gnntrack.evaluation.matches import Matches, match
from gnntrack.evaluation.scene import Scene
from gnntrack.inspection.moments import weights
from gnntrack.inspection.plots.canvas import new_figure, save, short, tidy
from gnntrack.inspection.style import FALSE, INK, UNKNOWN, identity_colour, ink_on
from gnntrack.sequence import Sequence

MOST_BARS = 150
_WIDTH, _MARGINS, _MARGINAL = 11.0, 1.5, 1.2  # inches: of the figure, above and below the bars, beside them
_POINT = 1 / 72  # inches
_MARKS = {
    "swap": ("X", FALSE, "swap of two subjects"),
    "switch_after_occlusion": ("v", "#b15928", "switch after occlusion"),
    "temporal_inconsistency": ("D", UNKNOWN, "switch in plain sight"),
}


def plot_timeline(tracks: Sequence, path: str | PathLike[str], truth: Sequence | None = None) -> None:
    """Draws when each identity is there.

    Without annotations every bar is a track. With them every bar is an annotated object, coloured and numbered by the
    track that follows it, so a change of colour is a switch; switches are marked by kind. Where an object is missed
    there is but a thin dotted line.

    Args:
        tracks: the result.
        path: the image to write; .png, .svg or .pdf.
        truth: annotations that count.

    Raises:
        DataError: there is nothing to draw.
    """
    save(_draw_tracks(tracks) if truth is None else draw_timeline(match(Scene.of(truth, tracks))), path)


def draw_timeline(matches: Matches, errors: pd.DataFrame | None = None, name: str = "") -> Figure:
    """The figure of :func:`plot_timeline`, with annotations.

    If there are more than :data:`MOST_BARS` objects, those with the most errors are drawn.

    Args:
        matches: annotations and result, matched.
        errors: of these matches; None: they are found here.
        name: what the title begins with; default: the name of the result.
    """
    errors = errors_in(matches) if errors is None else errors
    counted = errors.assign(weight=weights(errors)).groupby("object")["weight"].sum()
    shown = matches.truth.boxes.assign(bar=matches.objects[matches.object], shown=matches.follower)
    figure, axes, place = _canvas(shown, counted, matches.truth)
    missed = shown["shown"] < 0
    height = _bar_height(figure, len(place))
    _draw_lines(axes, shown[missed], place, FALSE, 1.4)
    _draw_bars(axes, shown[~missed], place, height, matches.truth.length)
    handles = _draw_switches(axes, errors, place, height)
    lost = int(missed.sum())
    handles.append(Line2D([], [], linestyle=":", color=FALSE, linewidth=1.4, label=f"missed ({lost} boxes)"))
    axes.set_xlim(0.5, max(matches.truth.length, matches.tracks.length) + 0.5)
    axes.set_ylabel("annotated object", fontsize=9, color=INK)
    hidden = len(matches.objects) - len(place)
    note = "objects, coloured and numbered by the track that follows them"
    _set_title(axes, name or matches.tracks.name, note, f"{hidden} with fewer errors not drawn" if hidden else "")
    figure.legend(handles=handles, loc="outside lower center", ncols=4, frameon=False, fontsize=9, labelcolor=INK)
    return figure


def _draw_tracks(tracks: Sequence) -> Figure:
    shown = tracks.boxes.assign(bar=tracks.boxes["id"], shown=tracks.boxes["id"])
    figure, axes, place = _canvas(shown, pd.Series(dtype=float), tracks)
    _draw_bars(axes, shown, place, _bar_height(figure, len(place)), 0)
    axes.set_xlim(0.5, tracks.length + 0.5)
    axes.set_ylabel("track", fontsize=9, color=INK)
    hidden = shown.loc[shown["bar"] >= 0, "bar"].nunique() - len(place)
    _set_title(axes, tracks.name, "one bar a track", f"{hidden} later ones not drawn" if hidden else "")
    return figure


def _canvas(shown: pd.DataFrame, counted: pd.Series, side: Sequence) -> tuple[Figure, Axes, dict[int, int]]:
    """An empty figure with a row for every identity, in the order in which they appear, and the row of each.

    Raises:
        DataError: there is none.
    """
    known = shown[shown["bar"] >= 0]
    names = known.drop_duplicates("bar")["bar"]  # sorted by frame
    if not len(names):
        raise DataError(f"{side.name}: no identities", remedy="give tracks or annotations with ids")
    if len(names) > MOST_BARS:
        rank = names.map(counted).fillna(0.0).sort_values(ascending=False, kind="stable")
        names = names[names.index.isin(rank.index[:MOST_BARS])]
    place = {name: position for position, name in enumerate(names.tolist())}
    row = min(0.36, max(0.15, 5.0 / len(place)))
    figure = new_figure(_WIDTH, _MARGINS + row * len(place))
    axes = figure.add_subplot()
    tidy(axes)
    axes.grid(visible=False, axis="y")
    size = min(8.0, 0.62 * row / _POINT)
    axes.set_yticks(range(len(place)), [str(name) for name in place], fontsize=size)
    axes.set_ylim(len(place) - 0.4, -0.6)
    axes.set_xlabel("frame", fontsize=9, color=INK)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    return figure, axes, place


def _bar_height(figure: Figure, rows: int) -> float:
    """In points."""
    return float(0.66 * (figure.get_figheight() - _MARGINS) / rows / _POINT)


def _set_title(axes: Axes, name: str, note: str, rest: str) -> None:
    title = f"{short(name)}: {note}{f' ({rest})' if rest else ''}"
    axes.set_title(title, loc="left", fontsize=11, color=INK, fontweight="bold", parse_math=False)


def _stretches(shown: pd.DataFrame, place: dict[int, int]) -> pd.DataFrame:
    """Runs of frames without a gap, of one bar and one colour: ``first, last, row, shown``."""
    known = shown[shown["bar"].isin(list(place))].sort_values(["bar", "frame"], kind="stable")
    new = (known["bar"].diff() != 0) | (known["frame"].diff() != 1) | (known["shown"].diff() != 0)
    grouped = known.groupby(new.cumsum())
    runs = grouped.agg(first=("frame", "first"), last=("frame", "last"), bar=("bar", "first"), shown=("shown", "first"))
    return runs.assign(row=runs["bar"].map(place))


def _draw_lines(axes: Axes, shown: pd.DataFrame, place: dict[int, int], colour: str, width: float) -> None:
    segments = _segments(_stretches(shown, place))
    axes.add_collection(LineCollection(segments, colors=colour, linewidths=width, linestyles=":", zorder=2))


def _draw_bars(axes: Axes, shown: pd.DataFrame, place: dict[int, int], height: float, length: int) -> None:
    """A bar for every stretch, with its number where that fits in."""
    runs = _stretches(shown[shown["shown"] >= 0], place)
    colours = [identity_colour(name) for name in runs["shown"].tolist()]
    bars = LineCollection(_segments(runs), colors=colours, linewidths=height, capstyle="butt", zorder=3)
    axes.add_collection(bars)
    if not length:
        return
    size = min(8.0, 0.85 * height)
    beside = _mark_size(height) / 2 + 1  # the mark of a switch stands at the left end
    frame = (_WIDTH - _MARGINAL) / max(1, length) / _POINT  # points a frame
    for first, last, row, name in runs[["first", "last", "row", "shown"]].itertuples(index=False):
        if (last - first + 1) * frame > 0.62 * size * len(str(name)) + beside + 1:
            ink = ink_on(identity_colour(name))
            text = axes.annotate(str(name), (first - 0.5, row), (beside, 0), textcoords="offset points", fontsize=size)
            text.set(color=ink, va="center_baseline", zorder=4)


def _segments(runs: pd.DataFrame) -> list[list[tuple[float, float]]]:
    return [
        [(first - 0.5, row), (last + 0.5, row)]
        for first, last, row in runs[["first", "last", "row"]].itertuples(index=False)
    ]


def _mark_size(height: float) -> float:
    return float(np.clip(0.5 * height, 5.0, 8.0))


def _draw_switches(axes: Axes, errors: pd.DataFrame, place: dict[int, int], height: float) -> list[Line2D]:
    handles = []
    size = _mark_size(height)
    for kind in TOTALS["idsw"]:
        marker, colour, name = _MARKS[kind]
        found = errors[(errors["kind"] == kind) & errors["object"].isin(list(place))]
        label = f"{name} ({len(found)})"
        handles.append(Line2D([], [], linestyle="", marker=marker, color=colour, label=label))
        rows = [place[item] for item in found["object"].tolist()]
        marks = axes.scatter(found["frame"] - 0.5, rows, s=size**2, marker=marker, color=colour, zorder=5)
        marks.set(edgecolor="white", linewidth=0.8)
    return handles
