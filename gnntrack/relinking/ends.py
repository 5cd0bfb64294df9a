"""The state of the two ends of each tracklet."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gnntrack.association.histories import BOX
from gnntrack.compiled import compiled
from gnntrack.geometry.boxes import HEIGHT, WIDTH, Y
from gnntrack.geometry.lines import SUMS, add_box, line_of
from gnntrack.relinking.feature_columns import FITTED, LINE, LINE_COLUMNS, USUAL, USUAL_COLUMNS

#: Boxes nearest to an end that describe it.
END_BOXES = 12
#: Boxes of the tracklet, and of its whole track up to the end, that the usual size is taken over.
NEAR, FAR = 100, 300
#: Ridge penalty on fitted velocities, in squared frames.
VELOCITY_RIDGE = 2.0


class Boxes(NamedTuple):
    """The inputs of :func:`find_ends`: N boxes.

    Attributes:
        box: ``(N, 4)`` centre x, bottom y, width, height: the bottom stays in place when a person bends down.
        frame: ``(N,)``.
        confidence: ``(N,)``.
        relative: ``(N, 2)`` logarithm of width and height against the median of the frame.
        camera: ``(N, 2)`` position of the camera.
    """

    box: np.ndarray
    frame: np.ndarray
    confidence: np.ndarray
    relative: np.ndarray
    camera: np.ndarray


def foot_boxes(detections: np.ndarray) -> np.ndarray:
    """Centre x, bottom y, width, height ``(N, 4)`` of observations ``(N, ≥ 6)``."""
    box = detections[:, BOX].copy()
    box[:, Y] += 0.5 * box[:, HEIGHT]
    return box


class Ends(NamedTuple):
    """One end, the last or the first, of T tracklets. Boxes are centre x, bottom y, width, height.

    Attributes:
        frame: ``(T,)`` of the outermost box.
        box: ``(T, 4)`` that box.
        used: ``(T,)`` boxes that describe it, at most :data:`END_BOXES`.
        height: ``(T,)`` their mean height.
        confidence: ``(T,)`` their mean confidence.
        lines: ``(T, len(FITTED), LINE_COLUMNS)`` straight lines through them.
        usual: ``(T, USUAL_COLUMNS)``.
        camera: ``(T, 2)`` position of the camera.
    """

    frame: np.ndarray
    box: np.ndarray
    used: np.ndarray
    height: np.ndarray
    confidence: np.ndarray
    lines: np.ndarray
    usual: np.ndarray
    camera: np.ndarray


@compiled
def plain(ends: Ends) -> tuple[np.ndarray, ...]:
    """Ends without their class, which compiled code hands over more quickly."""
    return (ends.frame, ends.box, ends.used, ends.height, ends.confidence, ends.lines, ends.usual, ends.camera)


@compiled
def find_ends(
    rows: np.ndarray, edges: np.ndarray, track: np.ndarray, boxes: Boxes, wanted: np.ndarray, tail: bool
) -> Ends:
    """The last boxes of every tracklet, or the first.

    Args:
        rows: ``(M,)`` boxes of tracklets, by track and time.
        edges: ``(T + 1,)`` first place of each tracklet in ``rows``, and M.
        track: ``(T,)`` the track that each is a part of.
        boxes: of all.
        wanted: ``(T,)`` of which more than frame, box and camera is wanted; the rest of the others is 0.
        tail: the last ones.
    """
    count = len(edges) - 1
    frame, box, used = np.zeros(count), np.zeros((count, 4)), np.zeros(count)
    height, confidence, camera = np.zeros(count), np.zeros(count), np.zeros((count, 2))
    lines, usual = np.zeros((count, len(FITTED), LINE_COLUMNS)), np.zeros((count, USUAL_COLUMNS))
    for tracklet in range(count):
        first, last = edges[tracklet], edges[tracklet + 1]
        # the boxes of the track, from this end inwards
        begin, step = (last - 1, -1) if tail else (first, 1)
        outermost = rows[begin]
        frame[tracklet] = boxes.frame[outermost]
        for side in range(4):
            box[tracklet, side] = boxes.box[outermost, side]
        for side in range(2):
            camera[tracklet, side] = boxes.camera[outermost, side]
        if not wanted[tracklet]:
            continue
        number = min(last - first, END_BOXES)
        used[tracklet] = number
        for place in range(number):
            row = rows[begin + step * place]
            height[tracklet] += np.log(boxes.box[row, HEIGHT]) / number
            confidence[tracklet] += boxes.confidence[row] / number
        height[tracklet] = np.exp(height[tracklet])
        for fit in range(len(FITTED)):
            _line(rows, begin, step, min(number, FITTED[fit]), boxes, height[tracklet], lines[tracklet, fit])
        near = min(last - first, NEAR)
        for place in range(near):
            row = rows[begin + step * place]
            for side in range(2):
                usual[tracklet, USUAL.near + side] += boxes.relative[row, side] / near
                usual[tracklet, USUAL.size + side] += np.log(boxes.box[row, WIDTH + side]) / near
        usual[tracklet, USUAL.boxes] = near
        # the whole track on this side of the end: longer, but it may contain identity switches
        low, high = tracklet, tracklet
        while low > 0 and track[low - 1] == track[tracklet]:
            low -= 1
        while high < count - 1 and track[high + 1] == track[tracklet]:
            high += 1
        far = min(last - edges[low] if tail else edges[high + 1] - first, FAR)
        for place in range(far):
            row = rows[begin + step * place]
            for side in range(2):
                usual[tracklet, USUAL.far + side] += boxes.relative[row, side] / far
    return Ends(frame, box, used, height, confidence, lines, usual, camera)


@compiled
def _line(rows: np.ndarray, begin: int, step: int, number: int, boxes: Boxes, height: float, line: np.ndarray) -> None:
    """A least squares line through ``number`` boxes: fills ``line (LINE_COLUMNS,)``."""
    sums, outermost = np.zeros(SUMS), rows[begin]
    for place in range(number):
        row = rows[begin + step * place]
        add_box(sums, 1.0, boxes.frame[row] - boxes.frame[outermost], boxes.box[row], boxes.box[outermost])
        line[LINE.time] += boxes.frame[row] / number
    for side in range(4):
        start, velocity = line_of(sums, side, VELOCITY_RIDGE)
        middle = start + velocity * (line[LINE.time] - boxes.frame[outermost])
        line[LINE.box + side], line[LINE.velocity + side] = boxes.box[outermost, side] + middle, velocity
    off = 0.0
    for place in range(number):
        row = rows[begin + step * place]
        for side in range(2):
            expected = line[LINE.box + side] + line[LINE.velocity + side] * (boxes.frame[row] - line[LINE.time])
            off += (boxes.box[row, side] - expected) ** 2 / number
    line[LINE.off] = np.sqrt(off) / height
