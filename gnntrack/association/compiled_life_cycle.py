"""The life cycle of tracks, compiled: what a frame changes in all of them."""

from __future__ import annotations

import numpy as np

from gnntrack.association.histories import FRAME, NEWEST, extend_histories
from gnntrack.compiled import compiled
from gnntrack.geometry.camera import camera_step

#: What compiled code changes, or reads, of T tracks: observations, count, prediction error and camera, see
#: :class:`.histories.Histories`; confirmed, needed, last detection and ids, see :class:`.life_cycle.TrackPool`.
TrackArrays = tuple[
    np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray
]  # plain: a class around arrays takes long to hand over


@compiled
def committed(
    known: TrackArrays,
    tracks: np.ndarray,
    matched: np.ndarray,
    sure: np.ndarray,
    detections: np.ndarray,
    detection_ids: np.ndarray,
    camera: np.ndarray,
    frame: float,
    limits: tuple[int, int, int, int],
) -> tuple[np.ndarray, np.ndarray]:
    """The ids that :meth:`.TrackPool.commit` gives to linked detections, and which tracks are alive afterwards.

    Changes all that is ``known`` but the ids; ``limits``: see :class:`.life_cycle.TrackPool`.
    """
    past, count, prediction_error, cameras, confirmed, needed, last_detection, ids = known
    confirm, trial_confirm, memory, patience = limits
    extend_histories(past, count, prediction_error, cameras, tracks, matched, detections, camera)
    result = np.zeros(len(detection_ids), dtype=np.int64)
    for link in range(len(tracks)):
        track, detection = tracks[link], matched[link]
        last_detection[track] = detection_ids[detection]
        needed[track] = min(needed[track], confirm if sure[detection] else trial_confirm)
        confirmed[track] |= count[track] >= needed[track]
        result[detection] = ids[track] if confirmed[track] else -ids[track]
    return result, still_alive(past, confirmed, frame, memory, patience)


@compiled
def step_of_camera(past: np.ndarray, detections: np.ndarray) -> np.ndarray:
    """The camera's step ``(2,)``, from the tracks that were seen in the frame before."""
    newest, count = np.empty((len(past), 4)), 0
    for track in range(len(past)):
        if past[track, NEWEST, FRAME] == detections[0, FRAME] - 1.0:
            for side in range(4):
                newest[count, side] = past[track, NEWEST, side]
            count += 1
    return camera_step(newest[:count], detections)


@compiled
def still_alive(past: np.ndarray, confirmed: np.ndarray, frame: float, memory: int, patience: int) -> np.ndarray:
    """Which tracks ``(T,)`` have not been missed for too long at the end of a frame; empty: all."""
    alive, dead = np.empty(len(past), dtype=np.bool_), 0
    for track in range(len(past)):
        alive[track] = frame - past[track, NEWEST, FRAME] <= (memory if confirmed[track] else patience)
        dead += not alive[track]
    return alive if dead else alive[:0]
