"""Converts a data set to a graph store and measures time, memory, windows per second, bytes per window and growth.

    python benchmarks/convert.py ROOT [--workers 2] [--output FOLDER]

ROOT is any data set that ``gnntrack convert`` reads. Figures go to benchmarks/results/convert.json and convert.md.
Memory is the largest sum over this process and its workers, pages that they share counted once (Linux only).
Wall time means little while other programs run: ``other_load`` is the load average before, ``cpu_seconds`` the work.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import tempfile
import threading
import time
from pathlib import Path

import torch
from result_pages import write_page
from torch.utils.data import DataLoader

from gnntrack.datasets.labelled import label_annotations
from gnntrack.datasets.store import GraphStore, WindowBatches, write_store
from gnntrack.graphs import GraphSettings
from gnntrack.models import ModelRecipe, build_model
from gnntrack.reading import iterate
from gnntrack.recipes import load

RESULTS = Path(__file__).parent / "results"


def resident_bytes(process: int) -> int:
    """Memory of a process and its children, shared pages split among those that share them."""
    total = 0
    try:
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) * 1024
        for task in Path(f"/proc/{process}/task").iterdir():
            total += sum(resident_bytes(int(child)) for child in (task / "children").read_text().split())
    except OSError:  # it ended meanwhile
        pass
    return total


class MemoryWatch(threading.Thread):
    """Samples the memory of this process and its workers five times a second."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak, self.going = 0, True

    def run(self) -> None:
        while self.going:
            self.peak = max(self.peak, resident_bytes(os.getpid()))
            time.sleep(0.2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--output", type=Path, help="keep the store here")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    folder = arguments.output or Path(tempfile.mkdtemp()) / "store"
    watch = MemoryWatch()
    watch.start()
    load = os.getloadavg()[0]
    start = time.perf_counter()
    items = (label_annotations(sequence) for sequence in iterate(arguments.root, "annotations"))
    index = write_store(folder, items, GraphSettings(), workers=arguments.workers)
    seconds = time.perf_counter() - start
    busy = sum(os.times()[:4])  # workers that have ended are counted too
    watch.going = False
    watch.join()
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    windows = sum(shard.windows for shard in index.shards)
    figures = {
        "data": "/".join(arguments.root.resolve().parts[-2:]),
        "workers": arguments.workers,
        "seconds": round(seconds, 1),
        "cpu_seconds": round(busy, 1),
        "other_load": round(load, 1),
        "peak_memory_mb": round(watch.peak / 2**20),
        "sequences": len(index.sequences),
        "windows": windows,
        "boxes": sum(entry.boxes for entry in index.sequences),
        "edges": sum(shard.edges for shard in index.shards),
        "windows_per_second_written": round(windows / seconds, 1),
        "store_mb": round(size / 2**20),
        "bytes_per_window": round(size / windows),
        "growth": growth(arguments.root),
    } | reading(folder)
    if arguments.output is None:
        shutil.rmtree(folder.parent)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "convert.json").write_text(json.dumps(figures, indent=1) + "\n")
    rows = [f"| {key} | {value} |" for key, value in figures.items() if not isinstance(value, list)]
    rows += [f"| {entry['boxes']} boxes | {entry['microseconds_per_box']} µs a box |" for entry in figures["growth"]]
    write_page(RESULTS / "convert.md", "\n".join(["| figure | value |", "|---|---|", *rows]))
    print("\n".join(rows))


def growth(root: Path) -> list[dict[str, float]]:
    """Time a box when the first 1, 2, 4, … sequences are converted, in one process."""
    sequences = list(iterate(root, "annotations"))
    points = []
    count = 1
    while count <= min(16, len(sequences)):
        with tempfile.TemporaryDirectory() as folder:
            start = time.process_time()
            index = write_store(folder, map(label_annotations, sequences[:count]), GraphSettings())
            seconds = time.process_time() - start
        boxes = sum(entry.boxes for entry in index.sequences)
        points.append({"boxes": boxes, "microseconds_per_box": round(seconds / boxes * 1e6, 1)})
        count *= 2
    return points


def reading(folder: Path) -> dict[str, float]:
    """An epoch over the store in batches of an edge budget, and the default model's step against reading its batch."""
    store = GraphStore(folder)
    loader = DataLoader(WindowBatches(store, max_edges=60_000), batch_size=None)
    start = time.perf_counter()
    count = sum(batch.num_graphs for batch in loader)
    seconds = time.perf_counter() - start
    model = build_model(load("models", "mpn", ModelRecipe))
    steps, reads = [], []
    batches = iter(loader)
    for _ in range(8):
        start = time.perf_counter()
        batch = next(batches, None)
        if batch is None:  # a small data set has fewer
            break
        reads.append((time.perf_counter() - start) / batch.num_graphs)
        start = time.perf_counter()
        logits = model(batch)
        torch.nn.functional.binary_cross_entropy_with_logits(logits, batch.edge_label).backward()
        steps.append((time.perf_counter() - start) / batch.num_graphs)
    return {
        "windows_per_second_read": round(count / seconds, 1),
        "step_over_read": round(statistics.median(steps) / statistics.median(reads), 1),
    }


if __name__ == "__main__":
    main()
