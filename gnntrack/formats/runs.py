"""Tracks as annotation tools keep them: runs of frames, each of one identity, class and flag."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from gnntrack.sequence import BOX, Sequence


class Run(NamedTuple):
    """Boxes of one object in its frames, which may have gaps.

    Attributes:
        identity: of the object; −1: none.
        class_id: of all its boxes.
        conf: of all its boxes.
        visibility: likewise.
        frames: ``(N,)``, from 1, ascending.
        boxes: ``(N, 4)`` left, top, width, height.
    """

    identity: int
    class_id: int
    conf: float
    visibility: float
    frames: np.ndarray
    boxes: np.ndarray


def runs_of(sequence: Sequence) -> Iterator[Run]:
    """Yields the boxes of a sequence, those together that share identity, class, confidence and visibility.

    A box without identity is a run of its own.
    """
    table = sequence.boxes
    alone = np.where(table["id"] < 0, np.arange(len(table)), -1)
    for key, rows in table.assign(alone=alone).groupby(["id", "class_id", "conf", "visibility", "alone"], sort=True):
        identity, class_id, conf, visibility, _ = key
        yield Run(
            int(identity), int(class_id), float(conf), float(visibility), rows["frame"].to_numpy(), rows[BOX].to_numpy()
        )


def gaps_after(frames: np.ndarray) -> np.ndarray:
    """Whether the next frame has no box: ``(N,)``, true for the last one.

    Example:
        >>> gaps_after(np.array([1, 2, 5])).tolist()
        [False, True, True]
    """
    return np.append(np.diff(frames) > 1, True)


def filled(keys: pd.DataFrame, last: int) -> pd.DataFrame:
    """Boxes of every frame between key frames, in a straight line from each to the next.

    Args:
        keys: ``frame``, the box, and ``enabled``: whether it goes on after this frame; by frame, each once.
        last: frame that the last box lasts to, where it goes on.

    Example:
        >>> keys = pd.DataFrame({"frame": [1, 3], "x": [0.0, 4], "y": 0.0, "w": 1.0, "h": 1.0, "enabled": [1, 0]})
        >>> filled(keys, 9)["x"].tolist()
        [0.0, 2.0, 4.0]
    """
    frames = keys["frame"].to_numpy()
    until = np.append(frames[1:], max(last + 1, frames[-1] + 1))
    lengths = np.where(keys["enabled"].to_numpy(dtype=bool), until - frames, 1)
    at = np.repeat(frames, lengths) + np.concatenate([np.arange(length) for length in lengths])
    columns = {name: np.interp(at, frames, keys[name].to_numpy()) for name in BOX}
    return pd.DataFrame({"frame": at, **columns})
