"""Features of candidate pairs; lengths in box heights, so scale does not matter."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gnntrack.association.feature_columns import PAIR, PAIR_FEATURES
from gnntrack.association.histories import CONFIDENCE
from gnntrack.association.nearest import FIRST, SECOND, Near
from gnntrack.association.predictions import LONG, MIDDLE, MOVED, SHORT
from gnntrack.compiled import compiled
from gnntrack.geometry.boxes import HEIGHT, WIDTH, X, Y
from gnntrack.geometry.compiled_boxes import overlap_of
from gnntrack.geometry.logarithms import inverse_sines, logarithms

#: Ranks and margins are clipped here.
LAST_RANK, LARGEST_MARGIN = 5, 2.0
#: Links whose features are made together.
_BLOCK = 64


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
        _motion(near, first, detections, tracks, block)
        _rest(near, first, detections, tracks, logs, frame_rate, block)
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
def _motion(near: Near, first: int, detections: np.ndarray, tracks: Tracks, x: np.ndarray) -> None:
    """How far links go, before lengths are bent or become logarithms, and how boxes overlap: fills a block ``x``."""
    newest, predicted, moved, gap, links = tracks.newest, tracks.predicted, tracks.moved, tracks.gap, near.links
    short, middle = predicted[:, SHORT], predicted[:, MIDDLE]
    for place in range(x.shape[1]):
        track, detection = links[0, first + place], links[1, first + place]
        height = newest[track, HEIGHT]
        across = (detections[detection, X] - newest[track, X]) / height
        down = (detections[detection, Y] - newest[track, Y]) / height
        steady = across - moved[track, X] / height, down - moved[track, Y] / height
        for side in range(2):
            step = across if side == 0 else down
            x[PAIR.step + side, place] = 2.0 * step
            x[PAIR.speed + side, place] = 10.0 * step / gap[track]
            x[PAIR.steady + side, place] = 2.0 * steady[side]
        x[PAIR.steady_distance, place] = np.sqrt(steady[X] ** 2 + steady[Y] ** 2) + 0.02
        x[PAIR.distance, place] = np.sqrt(across**2 + down**2) + 0.02
        for line in range(predicted.shape[1]):
            column, length = PAIR.missed + 2 * line, PAIR.missed_distance + line
            if line == MOVED:
                column, length = PAIR.missed_recent, PAIR.missed_recent_distance
            across = (detections[detection, X] - predicted[track, line, X]) / height
            down = (detections[detection, Y] - predicted[track, line, Y]) / height
            x[column + X, place] = 2.0 * across
            x[column + Y, place] = 2.0 * down
            x[length, place] = np.sqrt(across**2 + down**2) + 0.02
        x[PAIR.iou, place], x[PAIR.giou, place] = overlap_of(newest, track, detections, detection)
        x[PAIR.iou_short, place], x[PAIR.giou_short, place] = overlap_of(short, track, detections, detection)
        x[PAIR.iou_middle, place], x[PAIR.giou_middle, place] = overlap_of(middle, track, detections, detection)


@compiled
def _rest(
    near: Near,
    first: int,
    detections: np.ndarray,
    tracks: Tracks,
    logs: _Logs,
    frame_rate: float,
    x: np.ndarray,
) -> None:
    """What else is known of links: fills a block ``x``."""
    for place in range(x.shape[1]):
        link = first + place
        track, detection, here = near.links[0, link], near.links[1, link], near.distance[link]
        for side in range(2):
            x[PAIR.size + side, place] = logs.now[detection, side] - logs.last[track, side]
            x[PAIR.size_middle + side, place] = logs.now[detection, side] - logs.middle[track, side]
            x[PAIR.size_long + side, place] = logs.now[detection, side] - logs.long[track, side]
        wider, higher = np.float32(x[PAIR.size, place]), np.float32(x[PAIR.size + 1, place])
        x[PAIR.size_change, place] = np.float32(abs(wider)) + np.float32(abs(higher))
        x[PAIR.confidence, place] = detections[detection, CONFIDENCE]
        x[PAIR.newest_confidence, place] = tracks.newest[track, CONFIDENCE]
        x[PAIR.gap, place] = 0.5 * logs.gap[track]
        x[PAIR.seconds, place] = min(tracks.gap[track] / frame_rate, 4.0)
        x[PAIR.track_rank, place] = min(near.rank_track[link], LAST_RANK) * 0.2
        x[PAIR.detection_rank, place] = min(near.rank_detection[link], LAST_RANK) * 0.2
        # how much farther than the nearest other
        other = SECOND if near.rank_track[link] == 0 else FIRST
        farther = here - near.of_track[track, other]
        x[PAIR.track_margin, place] = min(max(farther, -LARGEST_MARGIN), LARGEST_MARGIN)
        other = SECOND if near.rank_detection[link] == 0 else FIRST
        farther = here - near.of_detection[detection, other]
        x[PAIR.detection_margin, place] = min(max(farther, -LARGEST_MARGIN), LARGEST_MARGIN)
        x[PAIR.prediction_error, place] = tracks.prediction_error[track]
