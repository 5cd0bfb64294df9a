"""Kills a conversion at random moments; each time the resumed store must equal the uninterrupted one, byte for byte.

    python benchmarks/kill_resume.py ROOT [--kills 20] [--seed 0]

The writer is a forked process, so that the moments fall into the writing and not into Python's start. Figures go to
benchmarks/results/kill_resume.json.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import signal
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import torch

from gnntrack.datasets.labelled import label_annotations
from gnntrack.datasets.store import write_store
from gnntrack.errors import DataWarning
from gnntrack.graphs import GraphSettings
from gnntrack.reading import iterate

RESULTS = Path(__file__).parent / "results"
SHARD_BOXES = 1000


def digest(folder: Path) -> str:
    """One hash over the names and bytes of all files."""
    total = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        total.update(str(path.relative_to(folder)).encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def convert(root: Path, folder: Path) -> None:
    items = (label_annotations(sequence) for sequence in iterate(root, "annotations"))
    write_store(folder, items, GraphSettings(), shard_boxes=SHARD_BOXES)


def killed_conversion(root: Path, folder: Path, seconds: float) -> bool:
    """Converts in another process and kills it after so long; whether it was still at work."""
    child = os.fork()
    if child == 0:
        convert(root, folder)
        os._exit(0)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", type=Path)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore", DataWarning)
    rng = np.random.default_rng(arguments.seed)
    moments = []
    with tempfile.TemporaryDirectory() as name:
        whole, torn = Path(name) / "whole", Path(name) / "torn"
        start = time.perf_counter()
        convert(arguments.root, whole)
        seconds = time.perf_counter() - start
        expected = digest(whole)
        while len(moments) < arguments.kills:
            shutil.rmtree(torn, ignore_errors=True)
            moment = float(rng.uniform(0, seconds))
            if not killed_conversion(arguments.root, torn, moment):
                continue  # it was faster this time
            shards, torn_files = len(list(torn.glob("shards/0*"))), len(list(torn.rglob(".*.partial")))
            convert(arguments.root, torn)
            equal = digest(torn) == expected
            moments.append(
                {"seconds": round(moment, 3), "shards_left": shards, "torn_files_left": torn_files, "equal": equal}
            )
        shards = len(list(whole.glob("shards/*")))
    figures = {
        "data": arguments.root.name,
        "uninterrupted_seconds": round(seconds, 2),
        "shards": shards,
        "kills": len(moments),
        "equal": sum(moment["equal"] for moment in moments),
        "moments": moments,
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "kill_resume.json").write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps({key: value for key, value in figures.items() if key != "moments"}))
    sys.exit(figures["equal"] != figures["kills"])


if __name__ == "__main__":
    main()
