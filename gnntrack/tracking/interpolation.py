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
    table = tracks.boxes.sort_values(["id", "frame"], kind="stable").reset_index(drop=True)
    frame, identity = table["frame"].to_numpy(), table["id"].to_numpy()
    gap = np.diff(frame)
    before = np.flatnonzero((np.diff(identity) == 0) & (gap > 1) & (gap <= longest))
    if not len(before):
        return tracks
    missing = gap[before] - 1
    left = np.repeat(before, missing)
    step = np.arange(missing.sum()) - np.repeat(np.cumsum(missing) - missing, missing) + 1
    share = (step / gap[left])[:, None]
    boxes = table[BOX].to_numpy()
    added = table.iloc[left].reset_index(drop=True)
    added["frame"] = now = frame[left] + step
    if tracks.camera is None:
        added[BOX] = (1 - share) * boxes[left] + share * boxes[left + 1]
    else:
        to_first = CameraMotion(tracks.camera).to_first()
        one, other = (moved_xywh(boxes[rows], to_first[frame[rows] - 1]) for rows in (left, left + 1))
        added[BOX] = moved_xywh((1 - share) * one + share * other, undone(to_first[now - 1]))
    added["conf"] = np.minimum(table["conf"].to_numpy()[left], table["conf"].to_numpy()[left + 1])
    added[DETECTION] = -1
    if DETECTION not in table:
        table[DETECTION] = np.arange(len(table))
    return replace(tracks, boxes=pd.concat([table, added], ignore_index=True), embeddings=None)
