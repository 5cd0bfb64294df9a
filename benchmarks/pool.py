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
from pathlib import Path
from typing import Any

from pool_batches import batches
from pool_cameras import KINDS, WARM, Cameras, Result, measured, pool_of, updates
from pool_queue import queue

from gnntrack.files import write_text

RESULTS = Path(__file__).parent / "results"


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
HERE = {"speed": speed, "threads": threads, "batches": batches, "queue": queue}
IN_PROCESSES = {"processes": processes, "memory": memory}


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
        result[part] = IN_PROCESSES[part](options) if part in IN_PROCESSES else HERE[part](cameras)
        print(part, json.dumps(result[part]), flush=True)
        write_text(path, json.dumps(result, indent=1) + "\n")
        write_text(path.with_suffix(".md"), page(result))


if __name__ == "__main__":
    main()
