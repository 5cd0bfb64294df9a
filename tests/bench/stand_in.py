"""A module with the interface of ``trackers``: its trackers link boxes that overlap, or do worse."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import supervision


class Overlapping:
    """Gives a box the identity of the box of the frame before whose corner is nearest, within 20 pixels."""

    def __init__(self, frame_rate: float = 30.0, reach: float = 20.0) -> None:
        self.frame_rate, self.reach = frame_rate, reach
        self.last, self.ids, self.count, self.frames = np.zeros((0, 4)), np.zeros(0, dtype=int), 0, 0

    def update(self, detections: supervision.Detections) -> supervision.Detections:
        self.frames += 1
        ids = np.zeros(len(detections), dtype=int)
        for row, box in enumerate(detections.xyxy):
            distance = np.abs(self.last - box).max(axis=1) if len(self.last) else np.zeros(0)
            if len(distance) and distance.min() < self.reach:
                ids[row] = self.ids[distance.argmin()]
            else:
                ids[row] = self.count
                self.count += 1
        self.last, self.ids = detections.xyxy.copy(), ids.copy()
        detections.tracker_id = ids
        return detections


class Forgetful(Overlapping):
    """Every box is new, and the first of each frame is not confirmed."""

    def update(self, detections: supervision.Detections) -> supervision.Detections:
        found = super().update(detections)
        found.tracker_id = np.arange(self.count, self.count + len(found))
        found.tracker_id[:1] = -1
        self.count += len(found)
        return found


class Failing(Overlapping):
    """Stumbles over a frame without boxes."""

    def update(self, detections: supervision.Detections) -> supervision.Detections:
        detections.xyxy[0]
        return super().update(detections)


def trackers_module(**kinds: type) -> ModuleType:
    """``trackers``, whose trackers are all alike unless said otherwise."""
    module: Any = ModuleType("trackers")
    for name in ("SORTTracker", "ByteTrackTracker", "OCSORTTracker", "CBIoUTracker"):
        setattr(module, name, kinds.get(name, Overlapping))

    class WithoutCameraMotion(Overlapping):
        def __init__(self, frame_rate: float = 30.0, enable_cmc: bool = True) -> None:
            assert not enable_cmc
            super().__init__(frame_rate)

    module.BoTSORTTracker = kinds.get("BoTSORTTracker", WithoutCameraMotion)
    return module
