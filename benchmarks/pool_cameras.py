"""What many cameras see, and what tracks it: a pool, or single trackers."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from speed_videos import made

from gnntrack import Tracker, TrackerPool
from gnntrack.models import load_for_tracking

SIZE = {"width": 1920, "height": 1080, "frame_rate": 25}
SCENES, FRAMES, WARM = 10, 240, 40
KINDS = ("pool", "trackers", "trackers, each with its own weights")
Result = dict[str, Any]


class Cameras:
    """What cameras see.

    Args:
        count: cameras.
        boxes: in a frame.
    """

    def __init__(self, count: int, boxes: int) -> None:
        scenes = [made(boxes, FRAMES, seed).frames for seed in range(SCENES)]
        self.count = count
        self._scenes = scenes
        self._late = np.random.default_rng(0).integers(FRAMES // 4, size=count).tolist()

    def at(self, camera: int, step: int) -> np.ndarray:
        return self._scenes[camera % SCENES][self._late[camera] + step]

    @property
    def steps(self) -> int:
        return FRAMES - FRAMES // 4

    def names(self, share: slice = slice(None)) -> list[int]:
        return list(range(self.count))[share]


def pool_of(names: list[int]) -> TrackerPool:
    pool = TrackerPool.from_pretrained("default")
    for name in names:
        pool.add(name, **SIZE)
    return pool


def updates(kind: str, names: list[int]) -> Callable[[int, np.ndarray], Any]:
    """What tracks the frame of a camera."""
    if kind == "pool":
        return pool_of(names).update_one
    if kind == "trackers":
        model, recipe = load_for_tracking("default")
        trackers = {name: Tracker(model, recipe, **SIZE) for name in names}
    else:
        trackers = {name: Tracker.from_pretrained("default", **SIZE) for name in names}
    return lambda name, boxes: trackers[name].update(boxes)


def measured(cameras: Cameras, names: list[int], update: Callable[[int, np.ndarray], Any]) -> Result:
    """Frames a second after a warm start, one camera after another."""
    for step in range(WARM):
        for name in names:
            update(name, cameras.at(name, step))
    count = (cameras.steps - WARM) * len(names)
    wall, spent = time.perf_counter(), time.process_time()
    for step in range(WARM, cameras.steps):
        for name in names:
            update(name, cameras.at(name, step))
    wall, spent = time.perf_counter() - wall, time.process_time() - spent
    return {"frames": count, "frames a second": round(count / wall), "frames a processor second": round(count / spent)}
