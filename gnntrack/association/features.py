"""Features of tracks, detections and candidate pairs; lengths in box heights, so scale does not matter."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gnntrack.association.feature_columns import (
    DETECTION,
    DETECTION_FEATURES,
    LOOK_BACK,
    NEIGHBOUR,
    PAIR,
    PAIR_FEATURES,
    SURROUNDINGS,
    SURROUNDINGS_FEATURES,
    TRACK,
    TRACK_FEATURES,
    WAY,
    WAY_FEATURES,
)
from gnntrack.association.histories import CONFIDENCE, FRAME, NEWEST
from gnntrack.association.nearest import FIRST, SECOND, Near
from gnntrack.association.predictions import LONG, MIDDLE, MOVED, SHORT
from gnntrack.compiled import compiled
from gnntrack.geometry.boxes import HEIGHT, WIDTH, X, Y
from gnntrack.geometry.compiled_boxes import overlap
from gnntrack.geometry.logarithms import inverse_sines, logarithms
from gnntrack.geometry.medians import median_of
from gnntrack.sequence import View

#: Ranks and margins are clipped here.
LAST_RANK, LARGEST_MARGIN = 5, 2.0
#: Links whose features are made together.
_BLOCK = 128


@compiled
def _surroundings(box: np.ndarray, relations: np.ndarray, view: View, x: np.ndarray) -> None:
    """The block ``surroundings``: distances from the image's borders, size, aspect, and how much neighbours cover."""
    left, top = box[X] - 0.5 * box[WIDTH], box[Y] - 0.5 * box[HEIGHT]
    margins = (left, top, view.width - box[X] - 0.5 * box[WIDTH], view.height - box[Y] - 0.5 * box[HEIGHT])
    for side in range(4):
        x[SURROUNDINGS.margins + side] = min(max(np.float32(margins[side] / box[HEIGHT]), -1.0), 1.0)
    x[SURROUNDINGS.height] = np.log(box[HEIGHT] / view.height)
    x[SURROUNDINGS.aspect] = np.log(box[WIDTH] / box[HEIGHT])
    x[SURROUNDINGS.largest_overlap], x[SURROUNDINGS.overlaps] = 0.0, 0.0
    for neighbour in range(len(relations)):
        share = relations[neighbour, NEIGHBOUR.iou]
        x[SURROUNDINGS.largest_overlap] = max(x[SURROUNDINGS.largest_overlap], share)
        x[SURROUNDINGS.overlaps] = min(x[SURROUNDINGS.overlaps] + share, 3.0)


@compiled
def detection_features(detections: np.ndarray, pairs: np.ndarray, relations: np.ndarray, view: View) -> np.ndarray:
    """``(D, DETECTION_FEATURES)``; neighbours as :func:`.neighbours.neighbours` gives them."""
    x = np.empty((len(detections), DETECTION_FEATURES), dtype=np.float32)
    count = len(relations) // len(detections)
    middle = median_of(detections, HEIGHT, len(detections))
    for row in range(len(detections)):
        mine = slice(row * count, (row + 1) * count)
        x[row, DETECTION.confidence] = detections[row, CONFIDENCE]
        around = x[row, DETECTION.surroundings : DETECTION.surroundings + SURROUNDINGS_FEATURES]
        _surroundings(detections[row], relations[mine], view, around)
        x[row, DETECTION.relative_height] = np.log(detections[row, HEIGHT] / middle)
        x[row, DETECTION.boxes] = 0.25 * np.log(len(detections))
        x[row, DETECTION.covered] = 0.0
        for pair in range(row * count, (row + 1) * count):
            if detections[pairs[0, pair], CONFIDENCE] > detections[row, CONFIDENCE]:
                x[row, DETECTION.covered] = max(x[row, DETECTION.covered], relations[pair, NEIGHBOUR.iou])
        x[row, DETECTION.sure] = 1.0 if detections[row, CONFIDENCE] > 0.6 else 0.0
    return x


@compiled
def track_features(
    past: np.ndarray,
    count: np.ndarray,
    prediction_error: np.ndarray,
    gap: np.ndarray,
    relations: np.ndarray,
    view: View,
) -> np.ndarray:
    """``(T, TRACK_FEATURES)``: the current state of each track, and its motion so far."""
    x = np.empty((len(past), TRACK_FEATURES), dtype=np.float32)
    others = len(relations) // len(past)
    for track in range(len(past)):
        newest = past[track, NEWEST]
        x[track, TRACK.observations] = 0.25 * np.log(count[track])
        x[track, TRACK.gap] = 0.5 * np.log(gap[track])
        x[track, TRACK.seconds] = min(gap[track] / view.frame_rate, 4.0)
        confidence = 0.0
        for step in range(8):
            confidence += past[track, step, CONFIDENCE]
        x[track, TRACK.mean_confidence] = 0.125 * confidence
        x[track, TRACK.confidence] = newest[CONFIDENCE]
        x[track, TRACK.prediction_error] = prediction_error[track]
        mine = slice(track * others, (track + 1) * others)
        around = x[track, TRACK.surroundings : TRACK.surroundings + SURROUNDINGS_FEATURES]
        _surroundings(newest, relations[mine], view, around)
        for place in range(len(LOOK_BACK)):
            earlier = past[track, LOOK_BACK[place]]
            span = max(newest[FRAME] - earlier[FRAME], 1.0)
            way = TRACK.way + WAY_FEATURES * place
            for side in range(2):
                moved = (newest[side] - earlier[side]) / newest[HEIGHT]
                x[track, way + WAY.moved + side] = np.arcsinh(moved)
                x[track, way + WAY.speed + side] = np.arcsinh(10.0 * moved / span)
                x[track, way + WAY.size + side] = np.log(earlier[WIDTH + side] / newest[WIDTH + side])
            x[track, way + WAY.span] = 0.25 * np.log(span)
    return x


class Tracks(NamedTuple):
    """The inputs of pair features: T tracks.

    Attributes:
        newest: ``(T, 6)`` newest observation of each.
        predicted: ``(T, 4, 4)``, see :func:`.predictions.predictions`.
        moved: ``(T, 2)`` how far the camera has moved since the last detection of the track, pixels.
        gap: ``(T,)`` frames since then.
        prediction_error: ``(T,)`` usual distance of the track from its predictions.
    """

    newest: np.ndarray
    predicted: np.ndarray
    moved: np.ndarray
    gap: np.ndarray
    prediction_error: np.ndarray


class _Logs(NamedTuple):
    """Logarithms of sizes ``(·, 2)``: of detections, newest boxes and two predictions of tracks; of gaps ``(T,)``."""

    now: np.ndarray
    last: np.ndarray
    middle: np.ndarray
    long: np.ndarray
    gap: np.ndarray


@compiled
def _logs(detections: np.ndarray, tracks: Tracks) -> _Logs:
    gap = tracks.gap.copy()
    logarithms(gap)
    predicted = tracks.predicted
    return _Logs(
        _log_sizes(detections),
        _log_sizes(tracks.newest),
        _log_sizes(predicted[:, MIDDLE]),
        _log_sizes(predicted[:, LONG]),
        gap,
    )


@compiled
def _log_sizes(boxes: np.ndarray) -> np.ndarray:
    """Logarithms ``(N, 2)`` of widths and heights."""
    sizes = np.empty(2 * len(boxes))
    for row in range(len(boxes)):
        for side in range(2):
            sizes[2 * row + side] = boxes[row, WIDTH + side]
    logarithms(sizes)
    return sizes.reshape((len(boxes), 2))


@compiled
def pair_features(near: Near, detections: np.ndarray, tracks: Tracks, frame_rate: float) -> np.ndarray:
    """``(E, PAIR_FEATURES)`` of the candidates from tracks to ``detections (D, 6)``."""
    count = near.links.shape[1]
    x, logs = np.empty((count, PAIR_FEATURES), dtype=np.float32), _logs(detections, tracks)
    for first in range(0, count, _BLOCK):
        block = np.empty((PAIR_FEATURES, min(_BLOCK, count - first)))
        for place in range(block.shape[1]):
            _pair(near, first + place, detections, tracks, logs, frame_rate, block[:, place])
        for column in range(2):
            for bent in (PAIR.step, PAIR.speed, PAIR.steady, PAIR.missed_recent):
                inverse_sines(block[bent + column])
        for column in range(PAIR.missed, PAIR.missed_distance):
            inverse_sines(block[column])
        for column in range(PAIR.missed_distance, PAIR.steady):
            logarithms(block[column])
        for column in (PAIR.steady_distance, PAIR.distance, PAIR.missed_recent_distance):
            logarithms(block[column])
        for place in range(block.shape[1]):
            for column in range(PAIR_FEATURES):
                x[first + place, column] = block[column, place]
    return x


@compiled
def _pair(
    near: Near,
    link: int,
    detections: np.ndarray,
    tracks: Tracks,
    logs: _Logs,
    frame_rate: float,
    x: np.ndarray,
) -> None:
    """The features ``x (PAIR_FEATURES,)`` of a link, before lengths are bent or become logarithms."""
    newest, predicted, moved, gap, prediction_error = tracks
    track, detection = near.links[0, link], near.links[1, link]
    last, now = newest[track], detections[detection]
    here = near.distance[link]
    step = (now[X] - last[X]) / last[HEIGHT], (now[Y] - last[Y]) / last[HEIGHT]
    steady = step[X] - moved[track, X] / last[HEIGHT], step[Y] - moved[track, Y] / last[HEIGHT]
    for side in range(2):
        x[PAIR.step + side] = 2.0 * step[side]
        x[PAIR.speed + side] = 10.0 * step[side] / gap[track]
        x[PAIR.steady + side] = 2.0 * steady[side]
        x[PAIR.size + side] = logs.now[detection, side] - logs.last[track, side]
        x[PAIR.size_middle + side] = logs.now[detection, side] - logs.middle[track, side]
        x[PAIR.size_long + side] = logs.now[detection, side] - logs.long[track, side]
    for line in range(predicted.shape[1]):
        column, length = PAIR.missed + 2 * line, PAIR.missed_distance + line
        if line == MOVED:
            column, length = PAIR.missed_recent, PAIR.missed_recent_distance
        right = (now[X] - predicted[track, line, X]) / last[HEIGHT]
        down = (now[Y] - predicted[track, line, Y]) / last[HEIGHT]
        x[column + X] = 2.0 * right
        x[column + Y] = 2.0 * down
        x[length] = np.sqrt(right**2 + down**2) + 0.02
    x[PAIR.steady_distance] = np.sqrt(steady[X] ** 2 + steady[Y] ** 2) + 0.02
    x[PAIR.distance] = np.sqrt(step[X] ** 2 + step[Y] ** 2) + 0.02
    x[PAIR.iou], x[PAIR.giou] = overlap(last, now)
    x[PAIR.iou_short], x[PAIR.giou_short] = overlap(predicted[track, SHORT], now)
    x[PAIR.iou_middle], x[PAIR.giou_middle] = overlap(predicted[track, MIDDLE], now)
    x[PAIR.size_change] = np.float32(abs(np.float32(x[PAIR.size]))) + np.float32(abs(np.float32(x[PAIR.size + 1])))
    x[PAIR.confidence], x[PAIR.newest_confidence] = now[CONFIDENCE], last[CONFIDENCE]
    x[PAIR.gap] = 0.5 * logs.gap[track]
    x[PAIR.seconds] = min(gap[track] / frame_rate, 4.0)
    x[PAIR.track_rank] = min(near.rank_track[link], LAST_RANK) * 0.2
    x[PAIR.detection_rank] = min(near.rank_detection[link], LAST_RANK) * 0.2
    # how much farther than the nearest other
    other = SECOND if near.rank_track[link] == 0 else FIRST
    x[PAIR.track_margin] = here - near.of_track[track, other]
    other = SECOND if near.rank_detection[link] == 0 else FIRST
    x[PAIR.detection_margin] = here - near.of_detection[detection, other]
    for column in (PAIR.track_margin, PAIR.detection_margin):
        x[column] = min(max(x[column], -LARGEST_MARGIN), LARGEST_MARGIN)
    x[PAIR.prediction_error] = prediction_error[track]
