"""A window graph, drawn over its boxes: the frames as a row of cards, the links as threads between them."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import to_rgba
from matplotlib.lines import Line2D
from torch_geometric.data import Data

from gnntrack.errors import DataError
from gnntrack.geometry import centres
from gnntrack.inspection.plots.canvas import new_figure, save
from gnntrack.inspection.style import FALSE, INK, PALE, TRUE, UNKNOWN, identity_colour

MOST_FRAMES = 6
_SQUEEZE, _TILT = 0.42, 0.14  # a card is seen from the side: narrower, and its right edge higher
_BETWEEN = 0.36  # room between two cards, in card heights
_STEPS = np.linspace(0.0, 1.0, 25)


def plot_window(
    data: Data, path: str | PathLike[str], scores: torch.Tensor | None = None, frames: int = MOST_FRAMES
) -> None:
    """Draws a window graph for readers who are new to it.

    Every frame is a card with its boxes, coloured by identity where ground truth is known. Links lead from card to
    card: true ones solid, false candidates dashed, the fainter the lower their score. Links that skip frames bend
    upwards. Dotted lines on a card join neighbours in one frame.

    Args:
        data: a window graph; without ``edge_label`` all links have one colour.
        path: the image to write; .png, .svg or .pdf.
        scores: probability of each link ``(E,)``, in [0, 1]; default: ``data.score``, where there is one.
        frames: at most so many frames are drawn, from the first on.

    Raises:
        DataError: the graph has no boxes, or there is not one score a link.
    """
    if scores is None and "score" in data:
        scores = data.score
    view = _View.of(data, scores, frames)
    width = len(view.shown) * view.step
    unit = min(4.2, 16.0 / width)  # inches
    figure = new_figure(max(width * unit, 8.0) + 0.4, (1 + _TILT) * unit + 1.45)
    axes = figure.add_subplot()
    axes.set_aspect("equal")
    _draw_cards(axes, view)
    _draw_neighbours(axes, view)
    _draw_links(axes, view)
    _draw_boxes(axes, view)
    axes.set_axis_off()
    axes.autoscale_view()
    axes.invert_yaxis()
    axes.margins(0.01, 0.03)
    axes.set_title(_title(data, view), loc="left", fontsize=13, color=INK, fontweight="bold", pad=22)
    note = "Each card is one frame. Each line asks: are these two boxes the same object?"
    axes.text(0, 1.015, note, transform=axes.transAxes, fontsize=10, color=INK, va="bottom")
    figure.legend(handles=_legend(view), loc="outside lower center", ncols=8, frameon=False, fontsize=9, labelcolor=INK)
    save(figure, path)


@dataclass(frozen=True)
class _View:
    """The part of the graph that is drawn, in arrays, and the cards' geometry."""

    shown: np.ndarray  # the frames
    card: np.ndarray  # (N,) position of each box's frame in `shown`
    box: np.ndarray  # (N, 4) xywh
    identity: np.ndarray | None  # (N,)
    links: np.ndarray  # (E, 2)
    neighbours: np.ndarray  # (S, 2)
    label: np.ndarray | None  # (E,) bool
    score: np.ndarray | None  # (E,)
    corner: np.ndarray  # left and top of the drawn part of the image
    size: np.ndarray  # its width and height
    hidden: int  # frames that were left out

    @classmethod
    def of(cls, data: Data, scores: torch.Tensor | None, frames: int) -> _View:
        frame, box = data.frame.cpu().numpy(), data.box.cpu().numpy().astype(float)
        if not len(frame):
            raise DataError("the graph has no boxes", remedy="choose another window")
        links = data.edge_index.cpu().numpy().T
        if scores is not None and tuple(scores.shape) != (len(links),):
            problem = f"scores of shape {tuple(scores.shape)} for {len(links)} links"
            raise DataError(problem, remedy="give one value a link")
        shown = np.unique(frame)[:frames]
        nodes = np.flatnonzero(frame <= shown[-1])
        kept = (frame[links] <= shown[-1]).all(1)
        neighbours = data.spatial_edge_index.cpu().numpy().T if "spatial_edge_index" in data else links[:0]
        corner, size = np.split(box[nodes], 2, axis=1)
        low, high = corner.min(0), (corner + size).max(0)
        margin = 0.12 * (high - low)
        return cls(
            shown=shown,
            card=np.searchsorted(shown, frame),
            box=box,
            identity=data.identity.cpu().numpy() if "identity" in data else None,
            links=links[kept],
            neighbours=neighbours[(frame[neighbours] <= shown[-1]).all(1)],
            label=data.edge_label.cpu().numpy()[kept] > 0.5 if "edge_label" in data else None,
            score=scores.detach().cpu().numpy()[kept] if scores is not None else None,
            corner=low - margin,
            size=high - low + 2 * margin,
            hidden=len(np.unique(frame)) - len(shown),
        )

    @property
    def wide(self) -> float:
        """Width of a card; its height is 1."""
        return float(np.clip(_SQUEEZE * self.size[0] / self.size[1], 0.35, 1.2))

    @property
    def step(self) -> float:
        """From one card to the next."""
        return self.wide + _BETWEEN

    def place(self, points: np.ndarray, card: np.ndarray) -> np.ndarray:
        """Image coordinates ``(..., 2)`` on a card to plot coordinates, in card heights."""
        x, y = np.moveaxis((points - self.corner) / self.size, -1, 0)
        return np.stack([card * self.step + self.wide * x, y - _TILT * x], -1)

    def corners(self, box: np.ndarray, card: np.ndarray) -> np.ndarray:
        """The four corners of boxes ``(N, 4)`` on their cards: ``(N, 4, 2)``."""
        corner, size = np.split(box[:, None], 2, axis=-1)
        return self.place(corner + size * np.array([[0, 0], [1, 0], [1, 1], [0, 1]]), card[:, None])


def _draw_cards(axes: Axes, view: _View) -> None:
    whole = np.concatenate([view.corner, view.size])[None].repeat(len(view.shown), 0)
    outlines = view.corners(whole, np.arange(len(view.shown)))
    axes.add_collection(PolyCollection(list(outlines), facecolors="#f5f7fa", edgecolors="#cbd2d9", linewidths=1.0))
    for frame, outline in zip(view.shown, outlines, strict=True):
        x, y = outline[3]
        axes.text(x, y + 0.06, f"frame {frame}", fontsize=10, color=INK, va="center")


def _draw_boxes(axes: Axes, view: _View) -> None:
    nodes = np.flatnonzero(view.card < len(view.shown))
    outlines = view.corners(view.box[nodes], view.card[nodes])
    identities = view.identity[nodes] if view.identity is not None else None
    colours = [identity_colour(k) for k in identities.tolist()] if identities is not None else [UNKNOWN] * len(nodes)
    styles = ["--" if colour == PALE else "-" for colour in colours]
    fills = [to_rgba(colour, 0.13) for colour in colours]
    axes.add_collection(
        PolyCollection(
            list(outlines), facecolors=fills, edgecolors=colours, linewidths=1.7, linestyles=styles, zorder=3
        )
    )
    if identities is None or len(nodes) > 60 * len(view.shown):
        return
    size = 8.5 if len(nodes) < 15 * len(view.shown) else 6.5
    for outline, identity, colour in zip(outlines, identities.tolist(), colours, strict=True):
        if identity >= 0:
            x, y = outline[0]
            axes.text(
                x, y - 0.008, f"{identity}", fontsize=size, color=colour, fontweight="bold", va="bottom", zorder=5
            )


def _draw_neighbours(axes: Axes, view: _View) -> None:
    centre = view.place(centres(view.box), view.card)
    axes.add_collection(
        LineCollection(list(centre[view.neighbours]), colors=PALE, linewidths=0.7, linestyles=":", zorder=2)
    )


def _draw_links(axes: Axes, view: _View) -> None:
    if not len(view.links):
        return
    earlier, later = view.links.T
    skipped = view.card[later] - view.card[earlier] - 1
    centre = view.place(centres(view.box), view.card)
    start, end = centre[earlier, None], centre[later, None]
    x, y = np.moveaxis(start + (end - start) * _STEPS[:, None], -1, 0)
    paths = np.stack([x, y - 0.09 * skipped[:, None] * 4 * _STEPS * (1 - _STEPS)], axis=-1)
    known = view.label if view.label is not None else np.zeros(len(view.links), dtype=bool)
    strength = view.score if view.score is not None else np.where(known, 1.0, 0.4 / (skipped + 1))
    order = np.argsort(strength + known, kind="stable")  # what matters most is drawn last
    false = UNKNOWN if view.label is None else FALSE
    axes.add_collection(
        LineCollection(
            list(paths[order]),
            colors=[to_rgba(TRUE if known[i] else false, 0.10 + 0.85 * strength[i]) for i in order],
            linewidths=[0.8 + 1.9 * strength[i] for i in order],
            linestyles=["-" if known[i] or view.label is None else (0, (4, 2)) for i in order],
            zorder=4,
        )
    )
    ends = centre[np.unique(view.links)]
    across, down = ends.T
    axes.scatter(across, down, s=9, color=INK, zorder=6, linewidths=0)


def _title(data: Data, view: _View) -> str:
    name = data.name if "name" in data else "window"
    text = f"{name}, frames {view.shown[0]} to {view.shown[-1]}: {int((view.card < len(view.shown)).sum())} boxes, "
    text += f"{len(view.links)} candidate links"
    text += f", {int(view.label.sum())} of them true" if view.label is not None else ""
    return text + (f" ({view.hidden} later frames not drawn)" if view.hidden else "")


def _legend(view: _View) -> list[Line2D]:
    if view.label is None:
        lines = [Line2D([], [], color=UNKNOWN, linewidth=2, label="candidate link")]
    else:
        lines = [
            Line2D([], [], color=TRUE, linewidth=2.4, label="true link"),
            Line2D([], [], color=FALSE, linewidth=1.6, linestyle=(0, (4, 2)), label="false candidate"),
        ]
    if view.score is not None:
        lines += [
            Line2D(
                [], [], color=to_rgba(INK, 0.10 + 0.85 * value), linewidth=0.8 + 1.9 * value, label=f"score {value:g}"
            )
            for value in (1.0, 0.5, 0.1)
        ]
    if len(view.neighbours):
        lines.append(Line2D([], [], color=PALE, linestyle=":", linewidth=1.2, label="neighbours in a frame"))
    if view.identity is not None and (view.identity[view.card < len(view.shown)] < 0).any():
        lines.append(Line2D([], [], color=PALE, linestyle="--", linewidth=1.7, label="box of no annotated object"))
    return lines
