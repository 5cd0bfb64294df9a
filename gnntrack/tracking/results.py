"""The rows that a tracker gave, frame by frame, as the tracks of a video."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from gnntrack.errors import DataError
from gnntrack.geometry import xyxy_to_xywh
from gnntrack.sequence import BOX, Sequence
from gnntrack.tracking.detections import CORNERS, POSITION, TRACK, TRACKED_CLASS, TRACKED_COLUMNS, TRACKED_CONFIDENCE


def as_sequence(
    results: Iterable[np.ndarray],
    *,
    width: int,
    height: int,
    frame_rate: float = 30.0,
    name: str = "video",
    classes: Mapping[int, str] | None = None,
) -> Sequence:
    """The tracks of a video, to be drawn, written, plotted or evaluated.

    Args:
        results: of each frame, from the first on, what :meth:`gnntrack.Tracker.update` gave for its array: ``(M, 8)``.
            Lost tracks (``lost=True``) have visibility 0.
        width: of the image, pixels.
        height: likewise.
        frame_rate: frames a second.
        name: of the video, also the stem of result files.
        classes: names of the classes, by number.

    Raises:
        DataError: something is no ``(M, 8)`` array of tracks.

    Example:
        >>> rows = np.array([[10.0, 20.0, 40.0, 90.0, 7, 0.9, 0, 0]])
        >>> tracks = as_sequence([rows, rows + [3, 0, 3, 0, 0, 0, 0, 0]], width=640, height=480)
        >>> tracks.boxes[["frame", "id", "x", "w"]].to_numpy().tolist()
        [[1.0, 7.0, 10.0, 30.0], [2.0, 7.0, 13.0, 30.0]]
    """
    frames = [np.asarray(rows) for rows in results]
    for frame, rows in enumerate(frames, 1):
        if rows.ndim != 2 or rows.shape[1] != TRACKED_COLUMNS:
            remedy = f"give what update returned for arrays: (M, {TRACKED_COLUMNS}) of each frame"
            raise DataError(f"{name}: results of shape {rows.shape} in frame {frame}", remedy=remedy)
    rows = np.concatenate([np.zeros((0, TRACKED_COLUMNS)), *frames])
    numbers = np.repeat(np.arange(1, len(frames) + 1), [len(rows) for rows in frames])
    table = pd.DataFrame(xyxy_to_xywh(rows[:, CORNERS]), columns=BOX).assign(
        frame=numbers,
        id=rows[:, TRACK],
        conf=rows[:, TRACKED_CONFIDENCE],
        class_id=rows[:, TRACKED_CLASS],
        visibility=np.where(rows[:, POSITION] < 0, 0.0, 1.0),
    )
    return Sequence(name, table, width, height, frame_rate, len(frames), classes=dict(classes or {}))
