"""A frame of a stream on its way in and out: compiled, a call each."""

from __future__ import annotations

import numpy as np

from gnntrack.association.histories import COLUMNS as OBSERVED
from gnntrack.association.histories import CONFIDENCE as SURENESS
from gnntrack.association.histories import FRAME
from gnntrack.compiled import compiled
from gnntrack.geometry.boxes import HEIGHT, LEFT, TOP, WIDTH
from gnntrack.tracking.detections import (
    CONFIDENCE,
    POSITION,
    TRACK,
    TRACKED_CLASS,
    TRACKED_COLUMNS,
    TRACKED_CONFIDENCE,
)


@compiled
def taken_in(detections: np.ndarray, least: float, frame: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The detections that are used: positions ``(D,)``, boxes ``(D, 4)`` xywh, observations ``(D, 6)``.

    Args:
        detections: ``(N, 6)`` as :func:`.detections.detection_array` gives them.
        least: those of lower confidence are not used.
        frame: its number.
    """
    used, count = np.empty(len(detections), dtype=np.int64), 0
    for row in range(len(detections)):
        if detections[row, CONFIDENCE] >= least:
            used[count] = row
            count += 1
    boxes, observed = np.empty((count, 4)), np.empty((count, OBSERVED))
    for place in range(count):
        row = detections[used[place]]
        for side in range(2):
            boxes[place, LEFT + side], size = row[side], row[WIDTH + side] - row[side]
            boxes[place, WIDTH + side] = observed[place, WIDTH + side] = size
            observed[place, side] = row[side] + 0.5 * size
        observed[place, FRAME], observed[place, SURENESS] = frame, row[CONFIDENCE]
    return used[:count], boxes, observed


@compiled
def reported(
    detections: np.ndarray, used: np.ndarray, ids: np.ndarray, kinds: np.ndarray, boxes: np.ndarray, tentative: bool
) -> tuple[np.ndarray, np.ndarray]:
    """The rows ``(M, 8)`` of the detections that belong to tracks, and which of the used ones these are ``(M,)``.

    Args:
        detections: ``(N, 6)``.
        used: ``(D,)`` which of them were used.
        ids: ``(D,)`` identities; below 0: not confirmed yet; 0: none.
        kinds: ``(D,)`` classes of the tracks.
        boxes: ``(D, 4)`` xywh, smoothed, or ``(0, 4)``: as they were detected.
        tentative: whether those that are not confirmed are reported.
    """
    places, count = np.empty(len(ids), dtype=np.int64), 0
    for place in range(len(ids)):
        if ids[place] > 0 or (tentative and ids[place] < 0):
            places[count] = place
            count += 1
    result = np.empty((count, TRACKED_COLUMNS))
    for row in range(count):
        place = places[row]
        given = detections[used[place]]
        for side in range(4):
            result[row, side] = given[side]
        if len(boxes):
            right = boxes[place, LEFT] + boxes[place, WIDTH]
            bottom = boxes[place, TOP] + boxes[place, HEIGHT]
            if right > boxes[place, LEFT] and bottom > boxes[place, TOP]:  # far out, a speck may have no size left
                result[row, LEFT], result[row, TOP] = boxes[place, LEFT], boxes[place, TOP]
                result[row, WIDTH], result[row, HEIGHT] = right, bottom
        result[row, TRACK], result[row, POSITION] = ids[place], used[place]
        result[row, TRACKED_CONFIDENCE], result[row, TRACKED_CLASS] = given[CONFIDENCE], kinds[place]
    return result, places[:count]
