"""The state of the two ends of each tracklet."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gnntrack.association.histories import BOX
from gnntrack.compiled import compiled
from gnntrack.geometry.boxes import HEIGHT, X, Y
from gnntrack.geometry.lines import SUMS, add_box, line_of
from gnntrack.relinking.feature_columns import FITTED, LINE, LINE_COLUMNS, USUAL, USUAL_COLUMNS

#: Boxes nearest to an end that describe it.
END_BOXES = 12
#: Boxes of the tracklet, and of its whole track up to the end, that the usual size is taken over.
NEAR, FAR = 100, 300
#: Ridge penalty on fitted velocities, in squared frames.
VELOCITY_RIDGE = 2.0


class Boxes(NamedTuple):
    """The inputs of :func:`find_ends`: N boxes, by track and time.

    Attributes:
        box: ``(N, 4)`` centre x, bottom y, width, height: the bottom stays in place when a person bends down.
        sizes: ``(N, 2)`` logarithms of width and height.
        frame: ``(N,)``.
        confidence: ``(N,)``.
        relative: ``(N, 2)`` logarithm of width and height against the median of the frame.
        camera: ``(N, 2)`` position of the camera.
    """

    box: np.ndarray
    sizes: np.ndarray
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
def find_ends(edges: np.ndarray, track: np.ndarray, boxes: Boxes, wanted: np.ndarray, tail: bool) -> Ends:
    """The last boxes of every tracklet, or the first.

    Args:
        edges: ``(T + 1,)`` first box of each tracklet, and N.
        track: ``(T,)`` the track that each is a part of.
        boxes: of tracklets, by track and time.
        wanted: ``(T,)`` of which more than frame and box is wanted; the rest of the others is 0.
        tail: the last ones.
    """
    count = len(track)
    frame, box, used = np.zeros(count), np.zeros((count, 4)), np.zeros(count)
    height, confidence, camera = np.zeros(count), np.zeros(count), np.zeros((count, 2))
    lines, usual = np.zeros((count, len(FITTED), LINE_COLUMNS)), np.zeros((count, USUAL_COLUMNS))
    sums = np.empty(SUMS)
    step, begun = (-1 if tail else 1), 0
    for tracklet in range(count):
        first, last = edges[tracklet], edges[tracklet + 1]
        if tracklet and track[tracklet] != track[tracklet - 1]:
            begun = first  # of the track
        begin = last - 1 if tail else first  # of the boxes from this end inwards
        frame[tracklet] = boxes.frame[begin]
        for side in range(4):
            box[tracklet, side] = boxes.box[begin, side]
        if not wanted[tracklet]:
            continue
        for side in range(2):
            camera[tracklet, side] = boxes.camera[begin, side]
        number, near = min(last - first, END_BOXES), min(last - first, NEAR)
        used[tracklet], usual[tracklet, USUAL.boxes] = number, near
        for place in range(number):
            height[tracklet] += boxes.sizes[begin + step * place, Y]
            confidence[tracklet] += boxes.confidence[begin + step * place]
        height[tracklet], confidence[tracklet] = np.exp(height[tracklet] / number), confidence[tracklet] / number
        for fit in range(len(FITTED)):
            _line(boxes.box, boxes.frame, begin, step, min(number, FITTED[fit]), sums, lines, tracklet, fit)
            lines[tracklet, fit, LINE.off] /= height[tracklet]
        _mean(boxes.relative, begin, step, near, usual, tracklet, USUAL.near)
        _mean(boxes.sizes, begin, step, near, usual, tracklet, USUAL.size)
        # the whole track on this side of the end: longer, but it may contain identity switches
        stop, end = last, tracklet + 1
        while not tail and end < count and track[end] == track[tracklet] and stop - first < FAR:
            end += 1
            stop = edges[end]
        far = min(last - begun if tail else stop - first, FAR)
        _mean(boxes.relative, begin, step, far, usual, tracklet, USUAL.far)
    return Ends(frame, box, used, height, confidence, lines, usual, camera)


@compiled
def _mean(values: np.ndarray, begin: int, step: int, count: int, result: np.ndarray, row: int, column: int) -> None:
    """The mean of ``count`` pairs of values ``(N, 2)`` from one on: fills two columns of a row of the result."""
    first, second = 0.0, 0.0
    for place in range(count):
        first += values[begin + step * place, X]
        second += values[begin + step * place, Y]
    result[row, column], result[row, column + 1] = first / count, second / count


@compiled
def _line(
    box: np.ndarray,
    frame: np.ndarray,
    begin: int,
    step: int,
    number: int,
    sums: np.ndarray,
    lines: np.ndarray,
    end: int,
    fit: int,
) -> None:
    """A least squares line through ``number`` boxes: fills ``lines[end, fit]``; the distance from it is in pixels."""
    sums[:] = 0.0
    time = 0.0
    for place in range(number):
        row = begin + step * place
        add_box(sums, 1.0, frame[row] - frame[begin], box, row, begin)
        time += frame[row] / number
    lines[end, fit, LINE.time] = time
    for side in range(4):
        start, velocity = line_of(sums, side, VELOCITY_RIDGE)
        lines[end, fit, LINE.box + side] = box[begin, side] + start + velocity * (time - frame[begin])
        lines[end, fit, LINE.velocity + side] = velocity
    off = 0.0
    for place in range(number):
        row = begin + step * place
        for side in range(2):
            expected = lines[end, fit, LINE.box + side] + lines[end, fit, LINE.velocity + side] * (frame[row] - time)
            off += (box[row, side] - expected) ** 2
    lines[end, fit, LINE.off] = np.sqrt(off / number)
