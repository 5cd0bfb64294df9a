"""Versions of the boxes of tracks: as detected, and on lines fitted to shorter and longer stretches around them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from gnntrack.compiled import compiled

#: Standard deviations, in frames, of the stretches that lines are fitted to; farther than so many nothing counts.
WIDTHS, REACH = np.array([0.7, 1.25, 2.5, 5.0, 10.0, 20.0]), 3.0
#: The box as it is, and one on a line of every width.
VERSIONS = len(WIDTHS) + 1
#: Pull of fitted slopes towards 0.
RIDGE = 0.5
#: Added to confidences that weigh boxes; what a box weighs that was only interpolated.
FAINT = 0.05
#: Stretches over which it is looked at how far the versions usually are apart.
NEAR, FAR = 5.0, 30.0
#: A smoothed box is no smaller than this share of the one that it comes from, and no farther away than its size.
SMALLEST = 0.3
#: Frames from here on are all the same.
LONGEST = 60.0
SMOOTHING_FEATURES = 14 * len(WIDTHS) + 8
#: In box sizes: smaller differences are all the same.
LEAST = 3e-3


class Smoothed(NamedTuple):
    """N boxes of tracks, centre x, centre y, width, height, and what is known of them.

    Attributes:
        versions: ``(N, VERSIONS, 4)`` of each box, the first as it is.
        features: ``(N, SMOOTHING_FEATURES)`` float32; a mirror image has the same, and so has any scale.
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
        >>> versions[2, [0, -1], 0].round(1).tolist(), features.shape == (5, SMOOTHING_FEATURES)
        ([4.0, 2.4], True)
    """
    if not len(box):
        return Smoothed(np.zeros((0, VERSIONS, 4)), np.zeros((0, SMOOTHING_FEATURES), dtype=np.float32))
    frame = frame.astype(np.float64)
    versions = np.concatenate([box[:, None], _on_lines(box, frame, np.where(found, confidence, 0.0) + FAINT, edges)], 1)
    size = (np.sqrt(box[:, 2]) * np.sqrt(box[:, 3]))[:, None, None]  # the product of specks is 0
    step = np.diff(versions, axis=1) / size
    away = np.abs(versions[:, 1:] - versions[:, :1]).reshape(len(box), -1) / size[:, 0]
    usual = np.column_stack([confidence, found])
    first, last = (np.repeat(frame[rows], np.diff(edges)) for rows in (edges[:-1], edges[1:] - 1))
    features = [
        logarithm(np.abs(step).reshape(len(box), -1)),
        np.clip(20.0 * step[:, :, 2:], -2.0, 2.0).reshape(len(box), -1),  # a hidden box is too small, never too large
        logarithm(_mean_around(away, frame, edges, NEAR)),
        logarithm(_mean_around(away, frame, edges, FAR)),
        usual,
        _mean_around(usual, frame, edges, NEAR),
        np.log1p(np.minimum(frame - first, LONGEST)),
        np.log1p(np.minimum(last - frame, LONGEST)),
        np.log(box[:, 2] / box[:, 3]),
        np.full(len(box), np.log(frame_rate)),
    ]
    return Smoothed(versions, np.column_stack(features).astype(np.float32))


@compiled
def logarithm(length: Any) -> Any:
    """Of lengths in box sizes, an array or one of them; around 0."""
    return np.log(length + LEAST) + 3.0


@compiled
def on_line(
    box: np.ndarray,
    number: float,
    time: float,
    square: float,
    total: np.ndarray,
    moment: np.ndarray,
    result: np.ndarray,
) -> None:
    """Where a box ``(4,)`` is on the line through weighted boxes around it, from their sums: fills ``result (4,)``.

    Args:
        box: centre x, centre y, width, height.
        number: sum of weights.
        time: sum of weights times frames from the box.
        square: sum of weights times their squares.
        total: ``(4,)`` sum of weights times distances from the box.
        moment: ``(4,)`` the same times frames.
        result: is filled.
    """
    spread = square + RIDGE * number
    for side in range(4):
        shift = (spread * total[side] - time * moment[side]) / (spread * number - time * time)
        size = box[2 + side % 2]
        lowest = -size if side < 2 else (SMALLEST - 1.0) * size
        result[side] = box[side] + min(max(shift, lowest), size)


@compiled
def _on_lines(box: np.ndarray, frame: np.ndarray, weight: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """``(N, len(WIDTHS), 4)`` where each box is on a line through the boxes around it, which count by a bell curve."""
    result = np.empty((len(box), len(WIDTHS), 4))
    total, moment = np.empty(4), np.empty(4)
    for track in range(len(edges) - 1):
        first, stop = edges[track], edges[track + 1]
        for row in range(first, stop):
            for place in range(len(WIDTHS)):
                width = WIDTHS[place]
                begin, end = row, row
                while begin > first and frame[row] - frame[begin - 1] <= REACH * width:
                    begin -= 1
                while end < stop - 1 and frame[end + 1] - frame[row] <= REACH * width:
                    end += 1
                number, time, square = 0.0, 0.0, 0.0
                total[:], moment[:] = 0.0, 0.0
                for other in range(begin, end + 1):
                    away = frame[other] - frame[row]
                    share = weight[other] * np.exp(-0.5 * (away / width) ** 2)
                    number += share
                    time += share * away
                    square += share * away * away
                    for side in range(4):
                        apart = share * (box[other, side] - box[row, side])
                        total[side] += apart
                        moment[side] += apart * away
                on_line(box[row], number, time, square, total, moment, result[row, place])
    return result


@compiled
def _mean_around(values: np.ndarray, frame: np.ndarray, edges: np.ndarray, width: float) -> np.ndarray:
    """Means ``(N, C)`` over the boxes around each, which count by a bell curve."""
    result = np.zeros(values.shape)
    for track in range(len(edges) - 1):
        first, stop = edges[track], edges[track + 1]
        for row in range(first, stop):
            begin, end = row, row
            while begin > first and frame[row] - frame[begin - 1] <= REACH * width:
                begin -= 1
            while end < stop - 1 and frame[end + 1] - frame[row] <= REACH * width:
                end += 1
            number = 0.0
            for other in range(begin, end + 1):
                share = np.exp(-0.5 * ((frame[other] - frame[row]) / width) ** 2)
                number += share
                for column in range(values.shape[1]):
                    result[row, column] += share * values[other, column]
            for column in range(values.shape[1]):
                result[row, column] /= number
    return result
