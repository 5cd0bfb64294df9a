"""Boxes of a whole video as a camera that stands still would see them, where the camera's motion is known."""

from __future__ import annotations

import numpy as np

from gnntrack.association.histories import BOX, FRAME
from gnntrack.geometry.camera_motion import CameraMotion, moved
from gnntrack.relinking.surroundings import HIDDEN, Surroundings, find_surroundings, unseen


def in_first_image(detections: np.ndarray, camera: CameraMotion) -> np.ndarray:
    """Observations ``(N, 6 + A)``, their boxes moved to where the first image has what they cover.

    Boxes are scaled, not turned: where the camera has turned since the first image, up is no longer up there.
    """
    result = detections.copy()
    frame = detections[:, FRAME].astype(np.int64)
    result[:, BOX] = moved(detections[:, BOX], camera.to_first()[frame - 1])
    return result


def seen_by_still_camera(
    detections: np.ndarray, track: np.ndarray, camera: CameraMotion | None, hidden: int = HIDDEN
) -> tuple[np.ndarray, Surroundings | None]:
    """Observations and surroundings, as :func:`.tracklets.find_tracklets` takes them; as they are without a camera."""
    if camera is None or not len(detections):
        return detections, None
    return in_first_image(detections, camera), surroundings(detections, track, camera, hidden)


def surroundings(detections: np.ndarray, track: np.ndarray, camera: CameraMotion, hidden: int = HIDDEN) -> Surroundings:
    """As :func:`.surroundings.find_surroundings` of a whole video, lost tracks moved along with the camera.

    Args:
        detections: ``(N, 6 + A)`` observations, sorted by frame, their boxes as they were seen.
        track: ``(N,)`` of each, from 1; below 1: none.
        camera: its motion.
        hidden: frames for which a lost track may be hidden.
    """
    clear, relative = np.ones(len(detections), dtype=bool), np.zeros((len(detections), 2))
    names, place = np.unique(np.maximum(track, 0), return_inverse=True)
    box, last = unseen(len(names))
    frames, starts = np.unique(detections[:, FRAME].astype(np.int64), return_index=True)
    before = 0
    for frame, first, stop in zip(frames.tolist(), starts, np.append(starts, len(detections))[1:], strict=True):
        box = moved(box, camera.between(before, frame))
        rows = np.flatnonzero(track[first:stop] > 0)
        of_rows = np.ascontiguousarray(place[first:stop][rows])
        ends = np.array([0, len(rows)])
        here = find_surroundings(detections[first:stop], rows, ends, of_rows, box, last, hidden)
        clear[first:stop], relative[first:stop] = here
        before = frame
    return Surroundings(clear, relative)
