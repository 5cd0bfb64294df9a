"""What the two ends of each tracklet look like."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gnntrack.compiled import compiled
from gnntrack.relinking.feature_columns import FITTED, LINE, LINE_COLUMNS, USUAL, USUAL_COLUMNS

#: Columns of a box here: centre x, bottom y, width, height.
X, Y, WIDTH, HEIGHT = range(4)
#: Boxes nearest to an end that are looked at.
LOOK = 12
#: Boxes of the tracklet, and of its whole track up to the end, that the usual size is taken over.
NEAR, FAR = 100, 300
#: Pull of fitted velocities towards 0.
RIDGE = 2.0


class Ends(NamedTuple):
    """One end, the last or the first, of T tracklets. Boxes are centre x, bottom y, width, height.

    Attributes:
        frame: ``(T,)`` of the outermost box.
        box: ``(T, 4)`` that box.
        looked: ``(T,)`` boxes looked at, at most :data:`LOOK`.
        height: ``(T,)`` their mean height.
        confidence: ``(T,)`` their mean confidence.
        lines: ``(T, len(FITTED), LINE_COLUMNS)`` straight lines through them.
        usual: ``(T, USUAL_COLUMNS)``.
        camera: ``(T, 2)`` where the camera stood.
    """

    frame: np.ndarray
    box: np.ndarray
    looked: np.ndarray
    height: np.ndarray
    confidence: np.ndarray
    lines: np.ndarray
    usual: np.ndarray
    camera: np.ndarray


@compiled
def find_ends(
    rows: np.ndarray,
    edges: np.ndarray,
    track: np.ndarray,
    box: np.ndarray,
    frame: np.ndarray,
    confidence: np.ndarray,
    relative: np.ndarray,
    camera: np.ndarray,
    tail: bool,
) -> tuple[np.ndarray, ...]:
    """The columns of :class:`Ends`, for the last boxes of every tracklet or the first."""
    count = len(edges) - 1
    newest, boxes, looked = np.zeros(count), np.zeros((count, 4)), np.zeros(count)
    height, sure, cameras = np.zeros(count), np.zeros(count), np.zeros((count, 2))
    lines, usual = np.zeros((count, len(FITTED), LINE_COLUMNS)), np.zeros((count, USUAL_COLUMNS))
    for tracklet in range(count):
        first, last = edges[tracklet], edges[tracklet + 1]
        step = -1 if tail else 1
        begin = last - 1 if tail else first
        outermost = rows[begin]
        newest[tracklet], boxes[tracklet] = frame[outermost], box[outermost]
        cameras[tracklet] = camera[outermost]
        number = min(last - first, LOOK)
        looked[tracklet] = number
        for place in range(number):
            row = rows[begin + step * place]
            height[tracklet] += np.log(box[row, HEIGHT]) / number
            sure[tracklet] += confidence[row] / number
        height[tracklet] = np.exp(height[tracklet])
        for fit in range(len(FITTED)):
            _line(rows, begin, step, min(number, FITTED[fit]), box, frame, height[tracklet], lines[tracklet, fit])
        near = min(last - first, NEAR)
        for place in range(near):
            row = rows[begin + step * place]
            for side in range(2):
                usual[tracklet, USUAL.near + side] += relative[row, side] / near
                usual[tracklet, USUAL.size + side] += np.log(box[row, WIDTH + side]) / near
        usual[tracklet, USUAL.boxes] = near
        # the whole track on this side of the end: longer, but others may have been mixed into it
        low, high = tracklet, tracklet
        while low > 0 and track[low - 1] == track[tracklet]:
            low -= 1
        while high < count - 1 and track[high + 1] == track[tracklet]:
            high += 1
        far = min(last - edges[low] if tail else edges[high + 1] - first, FAR)
        for place in range(far):
            row = rows[begin + step * place]
            for side in range(2):
                usual[tracklet, USUAL.far + side] += relative[row, side] / far
    return newest, boxes, looked, height, sure, lines, usual, cameras


@compiled
def _line(
    rows: np.ndarray,
    begin: int,
    step: int,
    number: int,
    box: np.ndarray,
    frame: np.ndarray,
    height: float,
    line: np.ndarray,
) -> None:
    """A least squares line through boxes."""
    for place in range(number):
        row = rows[begin + step * place]
        line[LINE.time] += frame[row] / number
        for side in range(4):
            line[LINE.box + side] += box[row, side] / number
    spread = RIDGE
    for place in range(number):
        row = rows[begin + step * place]
        away = frame[row] - line[LINE.time]
        spread += away * away
        for side in range(4):
            line[LINE.velocity + side] += away * (box[row, side] - line[LINE.box + side])
    line[LINE.velocity : LINE.off] /= spread
    off = 0.0
    for place in range(number):
        row = rows[begin + step * place]
        for side in range(2):
            expected = line[LINE.box + side] + line[LINE.velocity + side] * (frame[row] - line[LINE.time])
            off += (box[row, side] - expected) ** 2 / number
    line[LINE.off] = np.sqrt(off) / height
