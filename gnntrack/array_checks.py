"""What the arrays beside a box table must be like: appearance vectors, the camera's motion."""

from __future__ import annotations

import numpy as np

from gnntrack.errors import DataError
from gnntrack.geometry.camera_motion import REMEDY as CAMERA_REMEDY
from gnntrack.geometry.camera_motion import implausible


def checked_embeddings(values: np.ndarray, count: int, name: str) -> np.ndarray:
    """Appearance vectors ``(count, D)`` as float32.

    Raises:
        DataError: they are not one finite vector a box.
    """
    with np.errstate(over="ignore"):  # what float32 cannot hold is not finite
        embeddings = np.asarray(values, dtype=np.float32)
    if embeddings.ndim != 2 or len(embeddings) != count:
        problem = f"{name}: embeddings of shape {embeddings.shape} for {count} boxes"
        raise DataError(problem, remedy="give one row a box")
    if not np.isfinite(embeddings).all():
        raise DataError(f"{name}: an embedding is not finite", remedy="mend the appearance model")
    return embeddings


def checked_camera(values: np.ndarray, length: int, name: str) -> np.ndarray:
    """The matrices of the frames of a video, ``(length, 2, 3)`` float64; those of later frames are left out.

    Raises:
        DataError: they are not one plausible matrix a frame.
    """
    camera = np.asarray(values, dtype=np.float64)
    if camera.ndim != 3 or camera.shape[1:] != (2, 3) or len(camera) < length:
        problem = f"{name}: camera motion of shape {camera.shape} for {length} frames"
        raise DataError(problem, remedy="give a 2×3 matrix a frame")
    wrong = implausible(camera)
    if wrong is not None:
        raise DataError(f"{name}: camera motion, frame {wrong[0] + 1}: {wrong[1]}", remedy=CAMERA_REMEDY)
    return camera[:length]
