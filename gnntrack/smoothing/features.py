"""Versions of the boxes of tracks: as detected, and on lines fitted to shorter and longer stretches around them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gnntrack.compiled import compiled
from gnntrack.geometry.boxes import HEIGHT, SIZE, WIDTH
from gnntrack.geometry.lines import NUMBER, SUMS, add_box, line_of
from gnntrack.smoothing.feature_columns import OFFLINE, OFFLINE_FEATURES, STRETCHES

#: Boxes farther away than so many of :data:`.feature_columns.STRETCHES` are ignored.
REACH = 3.0
#: The box as it is, and one on a line of every stretch.
VERSIONS = len(STRETCHES) + 1
#: Place of the box as it is.
AS_DETECTED = 0
#: Ridge penalty on fitted slopes.
SLOPE_PULL = 0.5
#: Added to the confidences that weight boxes; the weight of interpolated boxes.
FAINT = 0.05
#: Stretches over which the usual distance between versions is averaged.
NEAR, FAR = 5.0, 30.0
#: A smoothed box is no smaller than this share of the one that it comes from, and no farther away than its size.
SMALLEST = 0.3
#: Numbers of frames are clipped here.
LONGEST = 60.0
#: In box sizes: smaller differences are treated as equal.
LEAST = 3e-3
#: Added to logarithms of differences, which are around 0 then.
SHIFT = 3.0
#: From a twentieth of its size, twice, a box is clearly too large or too small.
CLEAR = 20.0


class Smoothed(NamedTuple):
    """N boxes of tracks, centre x, centre y, width, height, and their features.

    Attributes:
        versions: ``(N, VERSIONS, 4)`` of each box, the first as it is.
        features: ``(N, OFFLINE_FEATURES)`` float32; flips and scale do not change them.
    """

    versions: np.ndarray
    features: np.ndarray


def smoothed(
    box: np.ndarray,
    frame: np.ndarray,
    confidence: np.ndarray,
    found: np.ndarray,
    edges: np.ndarray,
    frame_rate: float,
) -> Smoothed:
    """Smooths the boxes of tracks, in several ways.

    Args:
        box: ``(N, 4)`` centre x, centre y, width, height, by track and time.
        frame: ``(N,)``.
        confidence: ``(N,)``.
        found: ``(N,)`` whether a box was detected; otherwise it was interpolated.
        edges: ``(T + 1,)`` first row of every track, and N.
        frame_rate: frames a second.

    Example:
        >>> box = np.array([[0.0, 0, 10, 20], [1.0, 0, 10, 20], [4.0, 0, 10, 20], [3.0, 0, 10, 20], [4.0, 0, 10, 20]])
        >>> ones = np.ones(5)
        >>> versions, features = smoothed(box, np.arange(5.0), ones, ones > 0, np.array([0, 5]), 25.0)
        >>> versions[2, [0, -1], 0].round(1).tolist(), features.shape == (5, OFFLINE_FEATURES)
        ([4.0, 2.4], True)
    """
    if not len(box):
        return Smoothed(np.zeros((0, VERSIONS, 4)), np.zeros((0, OFFLINE_FEATURES), dtype=np.float32))
    frame = frame.astype(np.float64)
    versions = np.concatenate([box[:, None], _on_lines(box, frame, np.where(found, confidence, 0.0) + FAINT, edges)], 1)
    size = (np.sqrt(box[:, WIDTH]) * np.sqrt(box[:, HEIGHT]))[:, None]  # the product of specks is 0
    step = np.diff(versions, axis=1) / size[:, None]
    away = np.abs(versions[:, AS_DETECTED + 1 :] - box[:, None]).reshape(len(box), -1) / size
    known = np.column_stack([confidence, found])
    first, last = (np.repeat(frame[rows], np.diff(edges)) for rows in (edges[:-1], edges[1:] - 1))
    signed = np.clip(CLEAR * step[..., SIZE], -2.0, 2.0)  # a hidden box is too small, never too large
    usual = [_logarithm(_mean_around(away, frame, edges, span)) for span in (NEAR, FAR)]
    x = np.empty((len(box), OFFLINE_FEATURES), dtype=np.float32)
    x[:, OFFLINE.steps : OFFLINE.signed] = _logarithm(np.abs(step).reshape(len(box), -1))
    x[:, OFFLINE.signed : OFFLINE.usual] = signed.reshape(len(box), -1)
    x[:, OFFLINE.usual : OFFLINE.confidence] = np.concatenate(usual, axis=1)
    x[:, OFFLINE.confidence : OFFLINE.confidence_around] = known
    x[:, OFFLINE.confidence_around : OFFLINE.since] = _mean_around(known, frame, edges, NEAR)
    x[:, OFFLINE.since] = np.log1p(np.minimum(frame - first, LONGEST))
    x[:, OFFLINE.until] = np.log1p(np.minimum(last - frame, LONGEST))
    x[:, OFFLINE.aspect] = np.log(box[:, WIDTH] / box[:, HEIGHT])
    x[:, OFFLINE.frame_rate] = np.log(frame_rate)
    return Smoothed(versions, x)


def _logarithm(length: np.ndarray) -> np.ndarray:
    """Of lengths in box sizes; around 0."""
    logarithm: np.ndarray = np.log(length + LEAST) + SHIFT
    return logarithm


@compiled
def to_line(boxes: np.ndarray, row: int, sums: np.ndarray, result: np.ndarray, place: int) -> None:
    """Where a box is on the line through the boxes around it, within bounds.

    Args:
        boxes: ``(N, ≥ 4)`` centre x, centre y, width, height.
        row: which of them.
        sums: of weighted boxes, less this one (see :func:`gnntrack.geometry.lines.add_box`).
        result: ``(·, 4)``.
        place: which of its rows is filled.
    """
    for side in range(4):
        shift, _ = line_of(sums, side, SLOPE_PULL * sums[NUMBER])
        size = boxes[row, WIDTH + side % 2]
        lowest = -size if side < WIDTH else (SMALLEST - 1.0) * size
        result[place, side] = boxes[row, side] + min(max(shift, lowest), size)


@compiled
def _on_lines(box: np.ndarray, frame: np.ndarray, weight: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """``(N, len(STRETCHES), 4)`` where each box is on a line through those around it, with Gaussian weights."""
    result, sums = np.empty((len(box), len(STRETCHES), 4)), np.empty(SUMS)
    for track in range(len(edges) - 1):
        for row in range(edges[track], edges[track + 1]):
            for place in range(len(STRETCHES)):
                begin, end = _around(frame, row, edges[track], edges[track + 1], STRETCHES[place])
                sums[:] = 0.0
                for other in range(begin, end):
                    away = frame[other] - frame[row]
                    share = weight[other] * bell(away, STRETCHES[place])
                    add_box(sums, share, away, box, other, row)
                to_line(box, row, sums, result[row], place)
    return result


@compiled
def _mean_around(values: np.ndarray, frame: np.ndarray, edges: np.ndarray, stretch: float) -> np.ndarray:
    """Means ``(N, C)`` over the boxes around each, with Gaussian weights."""
    result = np.zeros(values.shape)
    for track in range(len(edges) - 1):
        for row in range(edges[track], edges[track + 1]):
            begin, end = _around(frame, row, edges[track], edges[track + 1], stretch)
            number = 0.0
            for other in range(begin, end):
                share = bell(frame[other] - frame[row], stretch)
                number += share
                for column in range(values.shape[1]):
                    result[row, column] += share * values[other, column]
            for column in range(values.shape[1]):
                result[row, column] /= number
    return result


@compiled
def _around(frame: np.ndarray, row: int, first: int, stop: int, stretch: float) -> tuple[int, int]:
    """The rows from ``first`` to ``stop`` that have a weight."""
    begin, end = row, row + 1
    while begin > first and frame[row] - frame[begin - 1] <= REACH * stretch:
        begin -= 1
    while end < stop and frame[end] - frame[row] <= REACH * stretch:
        end += 1
    return begin, end


@compiled
def bell(away: float, stretch: float) -> float:
    """Gaussian weight of a box that is so many frames away."""
    return np.exp(-0.5 * (away / stretch) ** 2)
