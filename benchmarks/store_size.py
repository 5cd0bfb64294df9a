"""Graph stores at size: simulated boxes are written as files, converted, shuffled and read; what 10⁹ would cost.

    python benchmarks/store_size.py [--folder FOLDER] [--boxes 100000 1000000 10000000]

Each step is a process of its own, one at a time, so that its peak memory is its own. Figures go to
benchmarks/results/store_size.json after each step; run again, it goes on. Two kinds of graphs:

- ``next frame`` (``max_gap`` 1), small enough that one store of 10⁷ boxes fits on a disk of 12 GB;
- ``default``, whose 10⁷ boxes are ten stores of 10⁶: each is made, read and removed.

Boxes a second are of CPU time, as other programs may run meanwhile. ``index`` reads the index of stores that are
larger still, whose shards are not there.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from result_pages import write_page
from store_tables import page

RESULTS = Path(__file__).parent / "results" / "store_size.json"
KINDS = {"next frame": {"max_gap": 1}, "default": {}}
#: Objects of the scenes, in turn, and their frames: 19,000 boxes a scene or so.
OBJECTS, FRAMES = (8, 20, 36), 1000
LARGEST_DEFAULT = 1_000_000  # boxes of one store of the default kind: 6 GB
MAX_EDGES = 60_000
SHARDS = (2_000, 20_000, 200_000)


def make(folder: Path, boxes: int, first: int) -> dict[str, Any]:
    """Scenes as files until there are that many boxes."""
    from gnntrack.datasets.synthetic.settings import SceneSettings
    from gnntrack.datasets.synthetic.writing import write_scene

    written = count = 0
    while written < boxes:
        seed = first + count
        settings = SceneSettings(objects=OBJECTS[seed % len(OBJECTS)], frames=FRAMES, seed=seed)
        written += write_scene(folder / "videos", f"scene-{seed:05d}", settings).boxes
        count += 1
    return {"boxes": written, "videos": count, "bytes": bytes_below(folder / "videos")}


def convert(folder: Path, kind: str) -> dict[str, Any]:
    """The files to a graph store."""
    from gnntrack.datasets.store import GraphSource, convert_to_graphs, read_index
    from gnntrack.graphs.settings import GraphSettings

    for _ in convert_to_graphs(GraphSource(folder / "videos"), folder / "graphs", GraphSettings(**KINDS[kind])):
        pass
    index = read_index(folder / "graphs")
    return {
        "boxes": sum(entry.boxes for entry in index.sequences),
        "shards": len(index.shards),
        "windows": sum(shard.windows for shard in index.shards),
        "edges": sum(shard.edges for shard in index.shards),
        "bytes": bytes_below(folder / "graphs"),
    }


def hand_out(folder: Path) -> dict[str, Any]:
    """What the one process does that gives pieces to others: reads boxes, cuts and packs them."""
    from distributed.protocol import serialize_bytes

    from gnntrack.datasets.store import GraphSource
    from gnntrack.datasets.store.writing import SHARD_BOXES, _pieces
    from gnntrack.graphs.settings import GraphSettings

    pieces = packed = boxes = 0
    for piece in _pieces(GraphSource(folder / "videos").items(), GraphSettings(), SHARD_BOXES, []):
        pieces, packed, boxes = pieces + 1, packed + len(serialize_bytes(piece)), boxes + len(piece.frame)
    return {"pieces": pieces, "bytes": packed, "boxes": boxes}


def read(folder: Path, kind: str) -> dict[str, Any]:
    """An epoch, shuffled, of two ranks one after the other; every window must come once."""
    import numpy as np
    import torch

    from gnntrack.datasets.store import GraphStore, WindowBatches

    torch.set_num_threads(1)
    store = GraphStore(folder / "graphs")
    seen = np.zeros(len(store), dtype=np.int8)
    batches = graphs = nodes = 0
    for rank in (0, 1):
        stream = WindowBatches(store, MAX_EDGES, rank=rank, world=2)
        for position in stream._positions():
            seen[position] += 1
        for batch in stream:
            batches += 1
            graphs += batch.num_graphs
            nodes += batch.num_nodes
    assert (seen == 1).all() and graphs == len(store)
    return {"windows": len(store), "batches": batches, "nodes": nodes}


def index(folder: Path, shards: int) -> dict[str, Any]:
    """Reads the index of a store of many shards, and puts its shards in the order of an epoch."""
    from gnntrack.datasets.store import Share, read_index, share_of
    from gnntrack.datasets.store.index import SequenceEntry, ShardEntry, StoreIndex, write_index

    folder.mkdir(parents=True, exist_ok=True)
    entry = SequenceEntry(name="scene", width=1920, height=1080, frame_rate=25, length=9, boxes=9, source="0" * 64)
    every = tuple(
        ShardEntry(
            file=f"{number // 4:05d}-{number % 4:05d}-scene.safetensors", sequence=number // 4, fingerprint="0" * 64,
            first=1, last=99, windows=60, nodes=5000, edges=280_000,
        )
        for number in range(shards)
    )  # fmt: skip
    write_index(folder, StoreIndex(complete=True, sequences=(entry,) * (shards // 4 + 1), shards=every))
    start = time.process_time()
    found = read_index(folder)
    seconds = time.process_time() - start
    assert len(share_of(len(found.shards), Share(0, 8), seed=0)) == shards // 8
    return {"shards": shards, "read_cpu_s": round(seconds, 2), "bytes": (folder / "index.json").stat().st_size}


STEPS: dict[str, Callable[..., dict[str, Any]]] = {
    "make": make,
    "hand_out": hand_out,
    "convert": convert,
    "read": read,
    "index": index,
}


def bytes_below(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def peak_mb() -> float:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def step(name: str, arguments: list[Any]) -> None:
    """What a process of one step does: prints its figures."""
    __import__("gnntrack.datasets.synthetic.writing" if name == "make" else "gnntrack.datasets.store.converting")
    if name == "read":
        __import__("gnntrack.datasets.store.streaming")
    before, start, cpu = peak_mb(), time.perf_counter(), time.process_time()
    figures = STEPS[name](*arguments)
    figures |= {
        "wall_s": round(time.perf_counter() - start, 1),
        "cpu_s": round(time.process_time() - cpu, 2),
        "peak_mb": peak_mb(),
        "imports_mb": before,
    }
    print(json.dumps(figures))


def run(name: str, folder: Path, *arguments: object) -> dict[str, Any]:
    """One step in a process of its own."""
    command = [sys.executable, __file__, "--step", name, "--folder", str(folder), "--arguments", json.dumps(arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "gnntrack-store-size")
    parser.add_argument("--boxes", type=int, nargs="+", default=[100_000, 1_000_000, 10_000_000])
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    parser.add_argument("--arguments", type=json.loads, default=[], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.step:
        step(arguments.step, [arguments.folder, *arguments.arguments])
        return
    figures: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}

    def note(key: str, name: str, folder: Path, *more: object) -> dict[str, Any]:
        if key not in figures:
            figures[key] = run(name, folder, *more)
            RESULTS.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n")
            print(key, figures[key], flush=True)
        return dict(figures[key])

    for shards in SHARDS:
        note(f"index of {shards} shards", "index", arguments.folder / "index", shards)
    plans = [(kind, boxes) for boxes in sorted(arguments.boxes) for kind in KINDS]
    for kind, boxes in plans:
        parts = -(-boxes // LARGEST_DEFAULT) if kind == "default" else 1
        first = 0
        for part in range(parts):
            key = f"{kind}, {boxes} boxes, part {part + 1} of {parts}"
            if f"{key}: read" in figures:
                first += figures[f"{key}: make"]["videos"]
                continue
            for name in ("make", "convert", "read"):
                figures.pop(f"{key}: {name}", None)
            shutil.rmtree(arguments.folder, ignore_errors=True)
            first += note(f"{key}: make", "make", arguments.folder, boxes // parts, first)["videos"]
            if boxes <= LARGEST_DEFAULT:
                note(f"{boxes} boxes handed out", "hand_out", arguments.folder)
            note(f"{key}: convert", "convert", arguments.folder, kind)
            note(f"{key}: read", "read", arguments.folder, kind)
    shutil.rmtree(arguments.folder, ignore_errors=True)
    write_page(RESULTS.with_suffix(".md"), page(figures))


if __name__ == "__main__":
    main()
