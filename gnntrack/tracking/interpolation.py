"""Filling short gaps of a track with boxes on a straight line."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from gnntrack.geometry.camera_motion import CameraMotion, moved_xywh, undone
from gnntrack.sequence import BOX, DETECTION, Sequence


def interpolate(tracks: Sequence, longest: int) -> Sequence:
    """Adds the boxes that a track misses between two of its boxes at most ``longest`` frames apart.

        frame   1    2    3    4          the line from (frame 1) to (frame 4)
        track   ■    ·    ·    ■    ──▶   gives the boxes of frames 2 and 3

    Added rows have ``detection`` −1 and the lower confidence of the two. Where the camera's motion is known, the line
    is straight for a camera that stands still.

    Args:
        tracks: boxes with ids.
        longest: largest frame difference that is filled; 0 and 1 change nothing.

    Example:
        >>> table = pd.DataFrame({"frame": [1, 3], "id": 1, "x": [0.0, 4.0], "y": 0.0, "w": 2.0, "h": 2.0})
        >>> interpolate(Sequence("a", table, 9, 9), 5).boxes[["frame", "x"]].values.tolist()
        [[1.0, 0.0], [2.0, 2.0], [3.0, 4.0]]
    """
    table = tracks.boxes
    if DETECTION not in table:
        table = table.assign(**{DETECTION: np.arange(len(table))})
    table = table.iloc[np.lexsort([table["frame"].to_numpy(), table["id"].to_numpy()])]
    if not filled_frames(table["frame"].to_numpy(), table["id"].to_numpy(), longest):
        return tracks
    to_first = None if tracks.camera is None else CameraMotion(tracks.camera).to_first()
    return replace(tracks, boxes=filled(table, longest, to_first), embeddings=None)


def filled_frames(frame: np.ndarray, identity: np.ndarray, longest: int) -> int:
    """How many boxes are missing of tracks; arguments ``(N,)`` by track and time."""
    gap = np.diff(frame)
    between: np.ndarray = gap[(np.diff(identity) == 0) & (gap > 1) & (gap <= longest)]
    return int((between - 1).sum())


def filled(table: pd.DataFrame, longest: int, to_first: np.ndarray | None = None) -> pd.DataFrame:
    """The boxes of tracks and those that are missing between them, by track and time.

    Args:
        table: the boxes of whole tracks, by track and time, with ``detection``.
        longest: as for :func:`interpolate`.
        to_first: ``(F, 2, 3)`` from every frame to the first image, if the camera's motion is known.
    """
    frame, identity = table["frame"].to_numpy(), table["id"].to_numpy()
    gap = np.diff(frame)
    before = np.flatnonzero((np.diff(identity) == 0) & (gap > 1) & (gap <= longest))
    missing = gap[before] - 1
    left = np.repeat(before, missing)
    step = np.arange(missing.sum()) - np.repeat(np.cumsum(missing) - missing, missing) + 1
    share = (step / gap[left])[:, None]
    box, confidence = table[BOX].to_numpy(), table["conf"].to_numpy()
    now = frame[left] + step
    if to_first is None:
        between = (1 - share) * box[left] + share * box[left + 1]
    else:
        one, other = (moved_xywh(box[rows], to_first[frame[rows] - 1]) for rows in (left, left + 1))
        between = moved_xywh((1 - share) * one + share * other, undone(to_first[now - 1]))
    added = np.ones(len(table), dtype=np.int64)
    np.add.at(added, before, missing)
    result = table.iloc[np.repeat(np.arange(len(table)), added)].reset_index(drop=True)
    new = np.ones(len(result), dtype=bool)
    new[np.cumsum(added) - added] = False
    columns = {
        "frame": now,
        **dict(zip(BOX, between.T, strict=True)),
        "conf": np.minimum(confidence[left], confidence[left + 1]),
        DETECTION: -1,
    }
    for name, values in columns.items():
        whole = result[name].to_numpy().copy()
        whole[new] = values
        result[name] = whole
    return result
