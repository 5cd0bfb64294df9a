"""The hand-tuned trackers of the package ``trackers``, run on our sequences."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import supervision
import trackers

from gnntrack.sequence import Sequence

#: Takes detections; gives the tracks and the seconds that association took.
Run = Callable[[Sequence], tuple[Sequence, float]]


def peer(entry: dict[str, Any], settings: dict[str, Any]) -> Run:
    """A peer of ``tracking.yaml`` with these settings, the package's defaults for all others."""
    settings = entry.get("fixed", {}) | settings

    def run(detections: Sequence) -> tuple[Sequence, float]:
        return _run(getattr(trackers, entry["class"])(frame_rate=detections.frame_rate, **settings), detections)

    return run


def defaults(entry: dict[str, Any]) -> dict[str, Any]:
    """The package's own values of the parameters that are searched."""
    import inspect

    parameters = inspect.signature(getattr(trackers, entry["class"])).parameters
    return {name: parameters[name].default for name in entry["search"]}


def _run(tracker: Any, detections: Sequence) -> tuple[Sequence, float]:
    """Every frame of the video, also those without boxes; only ``update`` is timed."""
    corners, conf = detections.xywh.copy(), detections.boxes["conf"].to_numpy()
    corners[:, 2:] += corners[:, :2]
    parts, seconds = [], 0.0
    for frame in range(1, detections.length + 1):
        rows = detections.rows_of(frame)
        boxes = supervision.Detections(
            xyxy=corners[rows], confidence=conf[rows], class_id=np.zeros(rows.stop - rows.start, dtype=int)
        )
        start = time.perf_counter()
        result = tracker.update(boxes)
        seconds += time.perf_counter() - start
        tracked = result.tracker_id >= 0  # -1: not confirmed
        ids, found = result.tracker_id[tracked], result.xyxy[tracked]
        parts.append(np.column_stack([np.full(len(ids), frame), ids + 1, found[:, :2], found[:, 2:] - found[:, :2]]))
    table = pd.DataFrame(np.concatenate(parts), columns=["frame", "id", "x", "y", "w", "h"])
    return Sequence(
        detections.name, table, detections.width, detections.height, detections.frame_rate, detections.length
    ), seconds
