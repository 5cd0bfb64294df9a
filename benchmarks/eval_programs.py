"""Evaluators as programs that time themselves: ours, ours of an earlier commit, TrackEval."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

READ = """
import json, sys, time, warnings
from pathlib import Path
import numpy as np, pandas as pd
warnings.simplefilter("ignore")
from gnntrack.sequence import Sequence
pairs, folder, repeats = {}, Path(sys.argv[1]), int(sys.argv[2])
for file in sorted(folder.glob("*.truth.npy")):
    name = file.name.split(".")[0]
    tables = [np.load(folder / f"{name}.{side}.npy") for side in ("truth", "tracks")]
    tables = [pd.DataFrame(table, columns=["frame", "id", "x", "y", "w", "h"]) for table in tables]
    pairs[name] = tuple(Sequence(name, table, 4000, 4000) for table in tables)
def clock(work):
    spent = []
    for _ in range(repeats):
        start = time.process_time()
        rows = work()
        spent.append(time.process_time() - start)
    return {"seconds": spent, "rows": rows}
"""
OURS = """
from gnntrack.evaluation import evaluate
evaluate({"warm": next(iter(pairs.values()))})
print(json.dumps(clock(lambda: evaluate(pairs)["COMBINED"])))
"""
OLD_HOTA = """
from gnntrack.evaluation.hota import hota_metrics, trackeval_input
def work():
    return hota_metrics({name: trackeval_input(*pair) for name, pair in pairs.items()})["COMBINED"]
print(json.dumps(clock(work)))
"""
TRACKEVAL = """
from trackeval.datasets._base_dataset import _BaseDataset
from trackeval.metrics import CLEAR, HOTA, Identity
quiet = {"PRINT_CONFIG": False}
def inputs(truth, tracks):
    sides = []
    for boxes in (truth, tracks):
        names, ids = np.unique(boxes.boxes["id"].to_numpy(), return_inverse=True)
        sides.append((ids, boxes.xywh, boxes, len(names)))
    frames = np.union1d(truth.frames, tracks.frames).tolist()
    rows = [(truth.rows_of(frame), tracks.rows_of(frame)) for frame in frames]
    (truth_ids, known, _, objects), (ids, boxes, _, names) = sides
    overlap = _BaseDataset._calculate_box_ious
    return {
        "num_timesteps": len(frames), "num_gt_ids": objects, "num_tracker_ids": names,
        "num_gt_dets": len(truth), "num_tracker_dets": len(tracks),
        "gt_ids": [truth_ids[a] for a, _ in rows], "tracker_ids": [ids[b] for _, b in rows],
        "similarity_scores": [overlap(known[a], boxes[b], box_format="xywh") for a, b in rows],
    }
def work():
    found = {}
    data = {name: inputs(*pair) for name, pair in pairs.items()}
    for metric in (HOTA(), CLEAR(quiet), Identity(quiet)):
        found |= metric.combine_sequences({name: metric.eval_sequence(one) for name, one in data.items()})
    names = {"HOTA": "hota", "MOTA": "mota", "IDF1": "idf1", "IDSW": "idsw"}
    return {ours: float(np.mean(found[theirs])) for theirs, ours in names.items()}
print(json.dumps(clock(work)))
"""


def run(code: str, folder: Path, source: Path, repeats: int) -> dict[str, Any]:
    threads = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "MKL", "OPENBLAS", "NUMEXPR")}
    environment = os.environ | threads | {"PYTHONPATH": str(source)}
    command = [sys.executable, "-c", READ + code, str(folder), str(repeats)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=folder)
    if done.returncode:
        sys.exit(done.stderr)
    found = json.loads(done.stdout.splitlines()[-1])
    return found | {"seconds": statistics.median(found["seconds"])}
