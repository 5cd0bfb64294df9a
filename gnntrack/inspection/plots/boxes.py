"""Boxes with labels on a canvas at the scale of the video, or over a frame's image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.patches import FancyBboxPatch

from gnntrack.inspection.labels import place_labels
from gnntrack.inspection.style import PALE, ink_on

#: A part of a video's image: left, top, width, height.
Part = tuple[float, float, float, float]
CANVAS = "#f5f7fa"
_X, _Y, _, _HEIGHT = range(4)
#: More boxes than this make labels small.
CROWD = 25
#: Share of a label that another may cover.
_COVERED = 0.04
_POINT = 1 / 72  # inches


@dataclass(frozen=True)
class DrawnBox:
    """A box as it is drawn.

    Attributes:
        xywh: left, top, width, height, in pixels of the video.
        colour: of line and label.
        label: what is written beside it; empty: nothing.
        line: ``-``, or how the line is broken, as matplotlib writes it.
        fill: opacity of the inside.
        width: of the line, in points; labels of boxes with thick lines choose their places first.
    """

    xywh: tuple[float, float, float, float]
    colour: str
    label: str = ""
    line: str = "-"
    fill: float = 0.16
    width: float = 1.8


def prepare(axes: Axes, view: Part, image: np.ndarray | None = None) -> None:
    """Makes the axes a part of the video's image: ``view`` is left, top, width, height.

    Args:
        axes: an empty one.
        view: what is seen.
        image: ``(H, W, 3)``, of just that part; None: a blank canvas.
    """
    left, top, width, height = view
    if image is not None:
        axes.imshow(image, extent=(left, left + width, top + height, top), zorder=0, interpolation="bilinear")
    axes.set(
        xlim=(left, left + width), ylim=(top + height, top), aspect="equal", facecolor=CANVAS, xticks=[], yticks=[]
    )
    axes.spines[:].set_color(PALE)


def draw_boxes(axes: Axes, boxes: list[DrawnBox], view: Part, inches: float) -> None:
    """Draws boxes, thick and near ones (lower in the image) above others; labels stand where there is room.

    Args:
        axes: prepared.
        boxes: in any order.
        view: what is seen: left, top, width, height.
        inches: how wide that is on paper.
    """
    near_last = sorted(boxes, key=lambda box: (box.width, box.xywh[_Y] + box.xywh[_HEIGHT]))
    for order, box in enumerate(near_last):
        outline = FancyBboxPatch(
            box.xywh[:2],
            *box.xywh[2:],
            boxstyle="round,pad=0,rounding_size=3",
            facecolor=to_rgba(box.colour, box.fill),
            edgecolor=box.colour,
            linewidth=box.width,
            linestyle=box.line,
            zorder=3 + order / len(boxes),
        )
        axes.add_patch(outline)
    labelled = [box for box in near_last[::-1] if box.label and _is_seen(box, view)]
    _draw_labels(axes, sorted(labelled, key=lambda box: -box.width), view, inches)


def _is_seen(box: DrawnBox, view: Part) -> bool:
    return all(
        box.xywh[place] < view[place] + view[place + 2] and box.xywh[place] + box.xywh[place + 2] > view[place]
        for place in (_X, _Y)
    )


def _draw_labels(axes: Axes, boxes: list[DrawnBox], view: Part, inches: float) -> None:
    if not boxes:
        return
    size = 8.0 if len(boxes) <= CROWD else 6.5
    left, top, width, height = view
    point = width / inches * _POINT  # pixels of the video a point
    at = np.array([box.xywh for box in boxes]) - [left, top, 0, 0]
    sizes = np.array([[(0.66 * len(box.label) + 0.7) * size * point, 1.55 * size * point] for box in boxes])
    for box, corner, room in zip(boxes, place_labels(at, sizes, width, height, _COVERED), sizes, strict=True):
        if not np.isfinite(corner).all():
            continue
        text = axes.text(
            left + corner[0] + room[0] / 2,
            top + corner[1] + room[1] / 2,
            box.label,
            fontsize=size,
            fontweight="bold",
            color=ink_on(box.colour),
            ha="center",
            va="center",
            zorder=5,
            parse_math=False,
        )
        text.set_bbox({"boxstyle": "round,pad=0.2", "facecolor": box.colour, "edgecolor": "none"})
