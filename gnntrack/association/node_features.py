"""Features of tracks and detections; lengths in box heights, so scale does not matter."""

from __future__ import annotations

import numpy as np

from gnntrack.association.feature_columns import (
    DETECTION,
    DETECTION_FEATURES,
    LOOK_BACK,
    NEIGHBOUR,
    SURROUNDINGS,
    SURROUNDINGS_FEATURES,
    TRACK,
    TRACK_FEATURES,
    WAY,
    WAY_FEATURES,
)
from gnntrack.association.histories import CONFIDENCE, FRAME, NEWEST
from gnntrack.compiled import compiled
from gnntrack.geometry.boxes import HEIGHT, WIDTH, X, Y
from gnntrack.geometry.logarithms import inverse_sines, logarithms
from gnntrack.geometry.medians import median_of
from gnntrack.sequence import View


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
    _ways(past, x)
    return x


@compiled
def _ways(past: np.ndarray, x: np.ndarray) -> None:
    """The blocks ``way`` of tracks: how far each has come, and how fast, since some of its observations."""
    count = len(past)
    block = np.empty((WAY_FEATURES, count * len(LOOK_BACK)))
    for track in range(count):
        height = past[track, NEWEST, HEIGHT]
        for place in range(len(LOOK_BACK)):
            back, entry = LOOK_BACK[place], track * len(LOOK_BACK) + place
            span = max(past[track, NEWEST, FRAME] - past[track, back, FRAME], 1.0)
            block[WAY.span, entry] = span
            for side in range(2):
                moved = (past[track, NEWEST, side] - past[track, back, side]) / height
                block[WAY.moved + side, entry] = moved
                block[WAY.speed + side, entry] = 10.0 * moved / span
                block[WAY.size + side, entry] = past[track, back, WIDTH + side] / past[track, NEWEST, WIDTH + side]
    inverse_sines(block[: WAY.size].reshape(-1))
    logarithms(block[WAY.size :].reshape(-1))
    for track in range(count):
        for place in range(len(LOOK_BACK)):
            entry, way = track * len(LOOK_BACK) + place, TRACK.way + WAY_FEATURES * place
            for column in range(WAY.span):
                x[track, way + column] = block[column, entry]
            x[track, way + WAY.span] = 0.25 * block[WAY.span, entry]
