"""Time from the arrival of a frame to its tracks, behind a FrameQueue."""

from __future__ import annotations

import threading
import time
from typing import Any

import numpy as np
from pool_cameras import WARM, Cameras, Result, pool_of

from gnntrack import FrameQueue

LOADS = (0.5, 0.75, 0.9)


def through(cameras: Cameras) -> float:
    """Frames a second that go through a queue where frames come as fast as they are taken."""
    pool = pool_of(cameras.names())
    for step in range(WARM):
        pool.update({name: cameras.at(name, step) for name in cameras.names()})
    waiting = FrameQueue(pool)

    def bring() -> None:
        for step in range(WARM, WARM + 60):
            for name in cameras.names():
                waiting.put(name, cameras.at(name, step))
        waiting.close()

    thread = threading.Thread(target=bring)
    start = time.perf_counter()
    thread.start()
    count = sum(1 for _ in waiting.results())
    thread.join()
    return count / (time.perf_counter() - start)


def queue(cameras: Cameras) -> Result:
    """Milliseconds from the moment when a frame should arrive until its tracks are there.

    Cameras send at even intervals, each from a moment of its own. One thread brings the frames, another tracks.
    """
    result: Result = {}
    for load in LOADS:
        capacity = through(cameras)
        pool = pool_of(cameras.names())
        for step in range(WARM):
            pool.update({name: cameras.at(name, step) for name in cameras.names()})
        waiting = FrameQueue(pool, when_full="drop_oldest")
        period = cameras.count / (load * capacity)
        phase = np.random.default_rng(1).uniform(0, period, cameras.count)
        steps = range(WARM, cameras.steps)
        due = sorted((phase[name] + (step - WARM) * period, name, step) for name in cameras.names() for step in steps)
        latency: list[float] = []
        at = {(name, step - WARM + 1): moment for moment, name, step in due}
        begin = time.perf_counter() + 0.05

        def bring(due: list[Any] = due, begin: float = begin, waiting: FrameQueue = waiting) -> None:
            for moment, name, step in due:
                early = begin + moment - time.perf_counter()
                if early > 0:
                    time.sleep(early)
                waiting.put(name, cameras.at(name, step))
            waiting.close()

        thread = threading.Thread(target=bring)
        spent = time.process_time()
        thread.start()
        for frame in waiting.results():
            latency.append(time.perf_counter() - begin - at[frame.stream, frame.number])
        thread.join()
        wall = time.perf_counter() - begin
        half = 1000 * np.array(latency[len(latency) // 4 :])
        result[f"{load:.0%}"] = {
            "capacity, frames a second": round(capacity),
            "frames a second": round(len(due) / wall),
            "frames a second of a camera": round(1 / period, 2),
            "milliseconds": {f"p{level}": round(float(np.percentile(half, level)), 2) for level in (50, 99, 99.9)},
            "dropped": sum(waiting.counts(name).dropped for name in cameras.names()),
            "processor, share of one": round((time.process_time() - spent) / wall, 2),
        }
    return result
