"""A moment in which a result went wrong: the frames before, at and after, annotations above, the result below."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from os import PathLike
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from gnntrack.evaluation.matches import Matches
from gnntrack.geometry import CORNER, SIZE
from gnntrack.inspection.moments import KeyFrames
from gnntrack.inspection.plots.boxes import CROWD, DrawnBox, Part, draw_boxes, prepare
from gnntrack.inspection.plots.canvas import new_figure, save, short
from gnntrack.inspection.style import FALSE, INK, identity_colour
from gnntrack.sequence import Sequence

#: ``(H, W, 3)`` image of a frame; None where there is none.
Images = Callable[[int], np.ndarray | None]
_WIDTH = 12.0  # inches, of all frames together
_WIDEST, _HIGHEST = 5.5, 5.0  # inches, of one frame
#: Least share of the image's sides that is seen, and how many sizes of a box its surroundings reach.
_LEAST, _AROUND = 0.3, 0.8
_THICK = 3.0  # points: lines of what goes wrong


def plot_moment(
    matches: Matches, shown: KeyFrames, path: str | PathLike[str], images: Images = lambda frame: None
) -> None:
    """Draws the key frames of a moment, that part of them in which it goes wrong.

    Above are the annotations, each in the colour of the track that follows it and labelled ``object → track``; those
    that are missed are dotted. Below is the result; the tracks of the error have thick lines, false positives dashed
    ones.

    Args:
        matches: annotations and result, matched.
        shown: which frames, and the errors in the middle one.
        path: the image to write; .png, .svg or .pdf.
        images: of the frames; without them boxes stand on blank canvases.

    Raises:
        DataError: the suffix is none that can be written.
    """
    save(draw_moment(matches, shown, images), path)


def draw_moment(matches: Matches, shown: KeyFrames, images: Images = lambda frame: None) -> Figure:
    """The figure of :func:`plot_moment`."""
    frames = sorted({shown.before, shown.at, shown.after})
    annotations, result = _annotations(matches, shown), _result(matches, shown)
    sides = {"annotations (object → track)": annotations, "result": result}
    view = _view(matches.truth, [box for boxes in annotations.values() for box in boxes] + result[shown.at])
    wide = min(_WIDTH / len(frames), _WIDEST, _HIGHEST * view[2] / view[3])
    figure = new_figure(wide * len(frames) + 0.3, 2 * wide * view[3] / view[2] + 0.9)
    grid = figure.subplots(2, len(frames), squeeze=False)
    for column, frame in enumerate(frames):
        image = images(frame)
        part = None if image is None else _cut(image, view, matches.truth)
        for axes, boxes in zip(grid[:, column], sides.values(), strict=True):
            prepare(axes, view, part)
            draw_boxes(axes, boxes[frame], view, wide)
        weight = "bold" if frame == shown.at else "normal"
        grid[0][column].set_title(f"frame {frame}", loc="left", fontsize=10, color=INK, fontweight=weight)
    for (axes, *_), side in zip(grid, sides, strict=True):
        axes.set_ylabel(side, fontsize=9, color=INK)
    title = f"{short(matches.tracks.name)}: {explain(shown)}"
    figure.suptitle(title, x=0.01, ha="left", fontsize=10, color=INK, parse_math=False, wrap=True)
    return figure


def explain(shown: KeyFrames, most: int = 2) -> str:
    """What goes wrong, in a line."""
    said = list(dict.fromkeys(shown.errors["why"]))
    return "; ".join(said[:most]) + (f"; and {len(said) - most} more" if len(said) > most else "")


def _annotations(matches: Matches, shown: KeyFrames) -> dict[int, list[DrawnBox]]:
    """The annotated boxes of every key frame; in a crowd only what goes wrong has the track in its label too."""
    table = matches.truth.boxes.assign(track=matches.follower)
    wrong, look = set(shown.errors["object"]), _look(matches, shown)
    found = {}
    for frame in (shown.before, shown.at, shown.after):
        boxes = []
        for box in table.iloc[matches.truth.rows_of(frame)].itertuples():
            missed, said = box.track < 0, box.id in wrong or not look.crowd
            label = f"{box.id} → {box.track}" if said and not missed else f"{box.id}"
            colour = FALSE if missed else identity_colour(box.track)
            boxes.append(look.box(box, colour, label, ":" if missed else "-", box.id in wrong))
        found[frame] = boxes
    return found


def _result(matches: Matches, shown: KeyFrames) -> dict[int, list[DrawnBox]]:
    """The result boxes of every key frame."""
    table = matches.tracks.boxes.assign(alone=matches.unmatched)
    wrong, look = {*shown.errors["track"], *shown.errors["previous_track"]}, _look(matches, shown)
    return {
        frame: [
            look.box(box, identity_colour(box.id), f"{box.id}", "--" if box.alone else "-", box.id in wrong)
            for box in table.iloc[matches.tracks.rows_of(frame)].itertuples()
        ]
        for frame in (shown.before, shown.at, shown.after)
    }


@dataclass(frozen=True)
class _Look:
    """How boxes are drawn: in a crowd all but those that go wrong are faint."""

    crowd: bool

    def box(self, row: Any, colour: str, label: str, line: str, wrong: bool) -> DrawnBox:
        faint = self.crowd and not wrong
        width = _THICK if wrong else 1.0 if faint else 1.4
        return DrawnBox((row.x, row.y, row.w, row.h), colour, label, line, 0.04 if faint else 0.16, width)


def _look(matches: Matches, shown: KeyFrames) -> _Look:
    rows = matches.truth.rows_of(shown.at)
    return _Look(rows.stop - rows.start > CROWD)


def _view(video: Sequence, boxes: list[DrawnBox]) -> Part:
    """The part of the image around the boxes with thick lines: left, top, width, height, in the image's proportions."""
    corners = np.array([box.xywh for box in boxes if box.width == _THICK]).reshape(-1, 4)
    size = np.array([video.width, video.height], dtype=float)
    if not len(corners):
        return (0.0, 0.0, *size.tolist())
    near, extent = corners[:, CORNER], corners[:, SIZE]
    low, high = (near - _AROUND * extent).min(0), (near + (1 + _AROUND) * extent).max(0)
    share = float(np.clip(((high - low) / size).max(), _LEAST, 1.0))
    low = np.clip((low + high - share * size) / 2, 0, size * (1 - share))
    return (*low.tolist(), *(share * size).tolist())


def _cut(image: np.ndarray, view: Part, video: Sequence) -> np.ndarray:
    """That part of an image, which may have another size than the video's boxes are in."""
    scale = np.array([image.shape[1] / video.width, image.shape[0] / video.height] * 2)
    left, top, width, height = (np.array(view) * scale).round().astype(int).tolist()
    return image[top : top + max(1, height), left : left + max(1, width)]
