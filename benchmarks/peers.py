"""The hand-tuned trackers of the package ``trackers``, run on our sequences.

The package is imported where it is used, so that ours can be measured without it.
"""

from __future__ import annotations

import inspect
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from scenes import Run

from gnntrack.sequence import Sequence


def peer(entry: dict[str, Any], settings: dict[str, Any]) -> Run:
    """A peer of ``tracking.yaml`` with these settings, the package's defaults for all others."""
    settings = entry.get("fixed", {}) | settings

    def run(detections: Sequence) -> tuple[Sequence, float]:
        return _run(_class(entry)(frame_rate=detections.frame_rate, **settings), detections)

    return run


def defaults(entry: dict[str, Any]) -> dict[str, Any]:
    """The package's own values of the parameters that are searched."""
    parameters = inspect.signature(_class(entry)).parameters
    return {name: parameters[name].default for name in entry["search"]}


def _class(entry: dict[str, Any]) -> Any:
    import trackers

    return getattr(trackers, entry["class"])


def _run(tracker: Any, detections: Sequence) -> tuple[Sequence, float]:
    """Every frame of the video, also those without boxes; only ``update`` is timed."""
    import supervision

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
    return replace(detections, boxes=table, embeddings=None), seconds
