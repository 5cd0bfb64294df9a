"""Many cameras in one process: speed, latency and memory of a TrackerPool, beside single trackers.

    OMP_NUM_THREADS=1 python benchmarks/pool.py [--cameras 200] [--boxes 10] [--parts speed threads ...]

Parts: ``speed``: all cameras by turns, in a pool, as single trackers, and as single trackers that each read the
weights themselves; ``threads``: the pool from two threads; ``processes``: two processes with a pool of half of the
cameras each; ``batches``: scoring the links of several cameras in one call; ``queue``: time from arrival to result,
behind a FrameQueue, where the cameras together give 50, 75 and 90 % of what went through right before; ``memory``:
megabytes a camera. Writes results/pool.json and .md; parts that are not named keep their figures.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from speed_videos import made

from gnntrack import FrameQueue, Tracker, TrackerPool
from gnntrack.association import linker
from gnntrack.files import write_text
from gnntrack.models import load_for_tracking

RESULTS = Path(__file__).parent / "results"
SIZE = {"width": 1920, "height": 1080, "frame_rate": 25}
SCENES, FRAMES, WARM = 10, 240, 40
LOADS = (0.5, 0.75, 0.9)
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


def speed(cameras: Cameras) -> Result:
    return {kind: measured(cameras, cameras.names(), updates(kind, cameras.names())) for kind in KINDS}


def threads(cameras: Cameras) -> Result:
    """Two threads, each with half of the cameras of one pool."""
    pool = pool_of(cameras.names())
    for step in range(WARM):
        pool.update({name: cameras.at(name, step) for name in cameras.names()})

    def track(share: slice) -> None:
        for step in range(WARM, cameras.steps):
            for name in cameras.names(share):
                pool.update_one(name, cameras.at(name, step))

    both = [threading.Thread(target=track, args=(slice(start, None, 2),)) for start in (0, 1)]
    wall, spent = time.perf_counter(), time.process_time()
    for each in both:
        each.start()
    for each in both:
        each.join()
    wall, spent = time.perf_counter() - wall, time.process_time() - spent
    count = (cameras.steps - WARM) * cameras.count
    return {"frames a second": round(count / wall), "frames a processor second": round(count / spent)}


def processes(options: argparse.Namespace) -> Result:
    """Two processes at once."""
    command = [sys.executable, __file__, "--cameras", str(options.cameras // 2), "--boxes", str(options.boxes)]
    both = [subprocess.Popen([*command, "--child", "pool"], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    found = [json.loads(each.communicate()[0]) for each in both]
    return {key: sum(each[key] for each in found) for key in ("frames a second", "frames a processor second")}


def batches(cameras: Cameras) -> Result:
    """How much of the time goes into scoring, and what one call for several cameras would spare at most.

    The graphs of several frames are joined beforehand: the time for that is not counted.
    """
    graphs, spent, score = [], [], linker.fast_associate

    def watched(weights: Any, graph: Any, *more: Any, **others: Any) -> Any:
        start = time.perf_counter()
        result = score(weights, graph, *more, **others)
        spent.append(time.perf_counter() - start)
        graphs.append(graph)
        return result

    names = cameras.names(slice(0, 40))
    update = updates("pool", names)
    linker.fast_associate = watched
    try:
        for step in range(WARM):
            for name in names:
                update(name, cameras.at(name, step))
        graphs.clear()
        spent.clear()
        start = time.perf_counter()
        for step in range(WARM, cameras.steps):
            for name in names:
                update(name, cameras.at(name, step))
        whole = time.perf_counter() - start
    finally:
        linker.fast_associate = score
    weights = load_for_tracking("default")[0].weights
    result: Result = {
        "share of scoring": round(sum(spent) / whole, 3),
        "microseconds a frame": round(whole / len(spent) * 1e6, 1),
    }
    kept = graphs[: len(graphs) // 40 * 40]
    for size in (1, 4, 10, 40):
        joined = [join(kept[start : start + size]) for start in range(0, len(kept), size)]
        best = min(_seconds(score, weights, joined) for _ in range(3))
        result[f"microseconds of scoring a frame, {size} at a time"] = round(best / len(kept) * 1e6, 1)
    alone = np.concatenate([score(weights, graph).probability for graph in kept[:400]])
    together = np.concatenate(
        [score(weights, join(kept[start : start + 10])).probability for start in range(0, 400, 10)]
    )
    result["same bytes"] = alone.tobytes() == together.tobytes()
    return result


def _seconds(score: Callable[[Any, Any], Any], weights: Any, graphs: list[Any]) -> float:
    start = time.process_time()
    for graph in graphs:
        score(weights, graph)
    return time.process_time() - start


def join(graphs: list[Any]) -> Any:
    """Several graphs as one, whose parts know nothing of each other."""
    past = np.cumsum([0] + [len(graph.past) for graph in graphs])
    future = past[-1] + np.cumsum([0] + [len(graph.future) for graph in graphs])

    def moved(edges: np.ndarray, number: int) -> np.ndarray:
        count = len(graphs[number].past)
        return np.where(edges < count, edges + past[number], edges - count + future[number])

    numbers = range(len(graphs))
    return type(graphs[0])(
        past=np.concatenate([graph.past for graph in graphs]),
        future=np.concatenate([graph.future for graph in graphs]),
        edge_index=np.ascontiguousarray(np.concatenate([moved(graphs[n].edge_index, n) for n in numbers], axis=1)),
        edge_attr=np.concatenate([graph.edge_attr for graph in graphs]),
        spatial_edge_index=np.ascontiguousarray(
            np.concatenate([moved(graphs[n].spatial_edge_index, n) for n in numbers], axis=1)
        ),
        spatial_edge_attr=np.concatenate([graph.spatial_edge_attr for graph in graphs]),
        appearance=np.concatenate([graph.appearance for graph in graphs]),
    )


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


def memory(options: argparse.Namespace) -> Result:
    """Of each kind, in a process of its own."""
    command = [sys.executable, __file__, "--cameras", str(options.cameras), "--boxes", str(options.boxes)]
    found = {}
    for kind in KINDS:
        done = subprocess.run([*command, "--child", kind], stdout=subprocess.PIPE, text=True, check=True)
        found[kind] = {key: value for key, value in json.loads(done.stdout).items() if "megabytes" in key}
    return found


def child(kind: str, cameras: Cameras) -> Result:
    """Speed and memory in a process of its own."""
    warm = updates(kind, [0])
    for step in range(cameras.steps):
        warm(0, cameras.at(0, step))
    before = resident()
    update = updates(kind, cameras.names())
    made_ = resident()
    result = measured(cameras, cameras.names(), update)
    return result | {
        "megabytes a camera, new": round((made_ - before) / cameras.count, 3),
        "megabytes a camera": round((resident() - before) / cameras.count, 3),
    }


def resident() -> float:
    """Megabytes that this process takes now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def page(result: Result) -> str:
    """The figures for people."""
    lines = ["# Many cameras in one process", "", f"{result['cameras']} cameras, {result['boxes']} boxes a frame"]
    lines[-1] += " (`OMP_NUM_THREADS=1 python benchmarks/pool.py`). Load of the machine before each part: "
    lines[-1] += ", ".join(f"{part} {value}" for part, value in result["load average"].items()) + "."
    rows: list[tuple[str, Any]] = []
    flat(result, "", rows)
    lines += ["", "| what | figure |", "|---|---|"]
    lines += [f"| {name} | {value} |" for name, value in rows if name.split(": ")[0] in PARTS]
    return "\n".join(lines) + "\n"


def flat(values: Result, before: str, rows: list[tuple[str, Any]]) -> None:
    for key, value in values.items():
        name = f"{before}: {key}" if before else key
        if isinstance(value, dict):
            flat(value, name, rows)
        else:
            rows.append((name, f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else value))


PARTS = ("speed", "threads", "processes", "batches", "queue", "memory")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cameras", type=int, default=200)
    parser.add_argument("--boxes", type=int, default=10)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--child", choices=KINDS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    cameras = Cameras(options.cameras, options.boxes)
    if options.child:
        print(json.dumps(child(options.child, cameras)))
        return
    path = RESULTS / "pool.json"
    result: Result = json.loads(path.read_text()) if path.is_file() else {}
    result |= {"cameras": options.cameras, "boxes": options.boxes, "python": platform.python_version()}
    for part in options.parts:
        result.setdefault("load average", {})[part] = round(os.getloadavg()[0], 1)
        if part in ("processes", "memory"):
            result[part] = globals()[part](options)
        else:
            result[part] = globals()[part](cameras)
        print(part, json.dumps(result[part]), flush=True)
        write_text(path, json.dumps(result, indent=1) + "\n")
        write_text(path.with_suffix(".md"), page(result))


if __name__ == "__main__":
    main()
