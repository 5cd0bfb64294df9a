"""What counts, on random scenes with regions, classes, crowds and ties: ours against the benchmarks' own rules.

    python benchmarks/eval_parity.py [--scenes 500] [--rules kitti tao]

KITTI, MOT17, MOT20, BDD100K and TAO are TrackEval's own classes, fed in memory; VisDrone's and UAVDT's rule and COCO's
crowds are written out in ``eval_written_out.py``, box by box. Every class of every scene is scored by
TrackEval's metrics.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd
from eval_scenes import as_sequence, differences_from
from eval_written_out import coco_keeps, drone_keeps
from trackeval.datasets import BDD100K, TAO, Kitti2DBox, MotChallenge2DBox

from gnntrack.evaluation.benchmarks import by_class, for_pairs
from gnntrack.evaluation.matches import match
from gnntrack.evaluation.referees import trackeval_input
from gnntrack.evaluation.rules import BENCHMARKS, NO_CLASS
from gnntrack.evaluation.scores import Score
from gnntrack.files import write_text
from gnntrack.formats import bdd100k, kitti, visdrone
from gnntrack.geometry import iou_matrix
from gnntrack.sequence import TRUNCATION, Coverage, Sequence

RESULTS = Path(__file__).parent / "results"
#: Classes that scenes have, and those of them that are regions without identity.
KINDS: dict[str, list[int]] = {
    "kitti": [1, 3, 3, 4, 7, 2, 9],
    "mot17": list(range(1, 13)),
    "mot20": list(range(1, 14)),
    "bdd100k": [1, 3, 3, 4, 8, 11, 13],
    "visdrone": [0, 1, 4, 4, 5, 11, 3],
    "uavdt": [1, 1, 1, 0],
    "coco": [1, 2, 2, 3],
    "tao": [1, 2, 2, 3, 4],
}
NAMES = {"kitti": kitti.CLASSES, "visdrone": visdrone.CLASSES, "bdd100k": bdd100k.CLASSES}
NAMES |= {key: {1: "cat", 2: "dog", 3: "bird", 4: "fox"} for key in ("coco", "tao")}
REGIONS = {"kitti": [9], "visdrone": [0], "uavdt": [0]}


def regional_scene(name: str, seed: int) -> tuple[Sequence, Sequence]:
    """Annotations and a result for a benchmark, on a grid, so that shares of one half and heights of 25 are common."""
    rng = np.random.default_rng([seed, sorted(KINDS).index(name)])
    frames, number = int(rng.integers(1, 13)), int(rng.choice([1, 3, 8, 16]))
    grid, unit = int(rng.choice([3, 8, 20])), float(rng.choice([5, 5, 12.5]))
    kinds = rng.choice(KINDS[name], number)
    rows, result = [], []
    for frame in range(1, frames + 1):
        if rng.random() < 0.1:
            continue
        for item, kind in enumerate(kinds.tolist()):
            if rng.random() < 0.2:
                continue
            if rng.random() < 0.05:
                kind = int(rng.choice(KINDS[name]))
            region = kind in REGIONS.get(name, [])
            sides = rng.integers(2, 7, 2) * (2 if region else 1)
            box = unit * np.concatenate([rng.integers(0, grid, 2), sides]).astype(float)
            flag = 0.0 if region or (rng.random() < 0.15 and name not in ("kitti", "tao")) else 1.0
            hidden, truncated = int(rng.integers(0, 4)), int(rng.random() < 0.15)
            rows.append((frame, -1 if region else item, *box, flag, kind, 1 - hidden / 3, truncated))
            moves = [0, 0, 0, -unit / 2, unit / 2, unit]
            moved = box + np.concatenate([rng.choice(moves, 2), rng.choice([0, 0, 0, unit], 2)])
            if rng.random() < 0.15:  # on one of HOTA's thresholds
                moved = box * np.array([1, 1, rng.integers(1, 21) / 20, 1])
            if rng.random() < 0.85:
                own = kind if rng.random() < 0.85 else int(rng.choice(KINDS[name]))
                result.append((frame, item + (100 if rng.random() < 0.2 else 0), *moved, own))
        for item in range(int(rng.integers(0, 4))):
            box = unit * np.concatenate([rng.integers(0, grid, 2), rng.integers(1, 6, 2)]).astype(float)
            result.append((frame, 1000 + item, *box, int(rng.choice(KINDS[name]))))
    columns = ["frame", "id", "x", "y", "w", "h"]
    truth = pd.DataFrame(rows, columns=[*columns, "conf", "class_id", "visibility", TRUNCATION])
    tracks = pd.DataFrame(result, columns=[*columns, "class_id"])
    if name in ("mot17", "mot20", "uavdt"):
        tracks["class_id"] = NO_CLASS
    classes = NAMES.get(name, {})
    annotations = as_sequence(truth, frames, classes)
    if name == "tao":
        absent, partial = (frozenset(rng.choice([1, 2, 3, 4], 2).tolist()) for _ in range(2))
        annotations = replace(annotations, coverage=Coverage(absent, partial))
    return annotations, as_sequence(tracks, frames, classes)


def raw_data(truth: Sequence, tracks: Sequence, kinds: dict[int, int]) -> dict[str, Any]:
    """Both in the form that TrackEval's data sets preprocess: an array a frame, corners, classes renumbered."""
    frames = range(1, max(truth.length, tracks.length) + 1)
    a, b = [truth.rows_of(frame) for frame in frames], [tracks.rows_of(frame) for frame in frames]

    def column(boxes: Sequence, name: str, rows: list[slice]) -> list[np.ndarray]:
        return [boxes.boxes[name].to_numpy()[some] for some in rows]

    def corners(boxes: Sequence, rows: list[slice]) -> list[np.ndarray]:
        xywh = boxes.xywh
        return [np.column_stack([xywh[some, :2], xywh[some, :2] + xywh[some, 2:]]) for some in rows]

    renumbered = np.vectorize(lambda kind: kinds.get(kind, 0), otypes=[int])
    hidden = [np.rint(3 * (1 - value)).astype(int) for value in column(truth, "visibility", a)]
    return {
        "num_timesteps": len(a),
        "seq": "scene",
        "gt_ids": column(truth, "id", a),
        "gt_dets": corners(truth, a),
        "gt_classes": [renumbered(kind) for kind in column(truth, "class_id", a)],
        "gt_extras": [
            {"zero_marked": flag, "occlusion": occluded, "truncation": truncated}
            for flag, occluded, truncated in zip(
                column(truth, "conf", a), hidden, column(truth, TRUNCATION, a), strict=True
            )
        ],
        "tracker_ids": column(tracks, "id", b),
        "tracker_dets": corners(tracks, b),
        "tracker_classes": [renumbered(kind) for kind in column(tracks, "class_id", b)],
        "tracker_confidences": column(tracks, "conf", b),
        "similarity_scores": [iou_matrix(truth.xywh[x], tracks.xywh[y]) for x, y in zip(a, b, strict=True)],
    }


def _without(truth: Sequence, rows: np.ndarray, tracks: Sequence, kinds: dict[int, int]) -> dict[str, Any]:
    """Raw data whose regions, some rows of the annotations, stand apart."""
    regions = truth.take(rows)
    raw = raw_data(truth.take(~rows), tracks, kinds)
    raw["gt_crowd_ignore_regions"] = raw_data(regions, tracks, {})["gt_dets"]
    return raw


def kitti_data(truth: Sequence, tracks: Sequence) -> dict[str, dict[str, Any]]:
    subject = Kitti2DBox.__new__(Kitti2DBox)  # without its files
    subject.max_occlusion, subject.max_truncation, subject.min_height = 2, 0, 25
    names = ["car", "van", "truck", "pedestrian", "person", "cyclist", "tram", "misc", "dontcare"]
    subject.class_name_to_class_id = {name: number for number, name in enumerate(names, 1)}
    theirs = {3: 1, 4: 2, 5: 3, 1: 4, 7: 5, 2: 6, 6: 7, 8: 8, 9: 9}
    raw = _without(truth, truth.boxes["class_id"].to_numpy() == kitti.DONT_CARE, tracks, theirs)
    return {label: subject.get_preprocessed_seq_data(raw, label.lower()) for label in ("Car", "Pedestrian")}


def mot_data(truth: Sequence, tracks: Sequence, name: str) -> dict[str, dict[str, Any]]:
    subject = MotChallenge2DBox.__new__(MotChallenge2DBox)
    subject.benchmark, subject.do_preproc = name.upper(), True
    names = "pedestrian person_on_vehicle car bicycle motorbike non_mot_vehicle static_person distractor occluder"
    names += " occluder_on_ground occluder_full reflection crowd"
    subject.class_name_to_class_id = {name: number for number, name in enumerate(names.split(), 1)}
    subject.valid_class_numbers = list(subject.class_name_to_class_id.values())
    raw = raw_data(truth, tracks, {number: number for number in range(14)} | {NO_CLASS: 1})
    return {"all": subject.get_preprocessed_seq_data(raw, "pedestrian")}


def bdd_data(truth: Sequence, tracks: Sequence) -> dict[str, dict[str, Any]]:
    subject = BDD100K.__new__(BDD100K)
    subject.class_name_to_class_id = {name: number for number, name in bdd100k.CLASSES.items()}
    regions = (truth.boxes["conf"] == 0) | truth.boxes["class_id"].isin([11, 12, 13])
    raw = _without(truth, regions.to_numpy(), tracks, {number: number for number in bdd100k.CLASSES})
    return {label: subject.get_preprocessed_seq_data(raw, label) for label in BENCHMARKS["bdd100k"].evaluated}


def tao_data(truth: Sequence, tracks: Sequence) -> dict[str, dict[str, Any]]:
    subject = TAO.__new__(TAO)
    subject.class_name_to_class_id = {name: number for number, name in NAMES["tao"].items()}
    raw = raw_data(truth, tracks, {number: number for number in NAMES["tao"]})
    raw |= {"neg_cat_ids": truth.coverage.absent, "not_exhaustively_labeled_cls": truth.coverage.partial}
    for side in ("gt", "dt"):  # for another metric
        for what in ("tracks", "track_ids", "track_lengths", "track_areas", "track_scores"):
            raw[f"classes_to_{side}_{what}"] = {number: [] for number in NAMES["tao"]}
    seen = np.unique(truth.boxes["class_id"]).tolist()
    return {NAMES["tao"][kind]: subject.get_preprocessed_seq_data(raw, NAMES["tao"][kind]) for kind in seen}


def _written_out(keeps: Callable[..., Any], *told: Any) -> Callable[[Sequence, Sequence], dict[str, dict[str, Any]]]:
    def data(truth: Sequence, tracks: Sequence) -> dict[str, dict[str, Any]]:
        kept = keeps(truth, tracks, *told)
        return {label: trackeval_input(truth.take(a), tracks.take(b)) for label, (a, b) in kept.items()}

    return data


REFEREES: dict[str, Callable[[Sequence, Sequence], dict[str, dict[str, Any]]]] = {
    "kitti": kitti_data,
    "mot17": lambda truth, tracks: mot_data(truth, tracks, "mot17"),
    "mot20": lambda truth, tracks: mot_data(truth, tracks, "mot20"),
    "bdd100k": bdd_data,
    "visdrone": _written_out(drone_keeps, [0, 11], {1: "pedestrian", 4: "car", 5: "van", 6: "truck", 9: "bus"}),
    "uavdt": _written_out(drone_keeps, [], {}),
    "coco": _written_out(coco_keeps),
    "tao": tao_data,
}


def apart(name: str, seed: int) -> tuple[dict[str, dict[str, float]], int]:
    """Metrics that differ by over a billionth, by class, and how many rows the rules took out."""
    truth, tracks = regional_scene(name, seed)
    rules = for_pairs(BENCHMARKS[name], [(truth, tracks)])
    ours = by_class(truth, tracks, rules)
    found, left = {}, 0
    for label, data in REFEREES[name](truth, tracks).items():
        score = Score.of(match(ours[label]))
        found[label] = differences_from(data, score.metrics(), score.curves())
        left += len(ours[label].truth) + len(ours[label].tracks)
    return {label: metrics for label, metrics in found.items() if metrics}, len(truth) + len(tracks) - left


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=int, default=500)
    parser.add_argument("--rules", nargs="+", choices=list(REFEREES), default=list(REFEREES))
    options = parser.parse_args()
    scenes = options.scenes
    for name in options.rules:
        start = perf_counter()
        found = [apart(name, seed) for seed in range(scenes)]
        bad = [seed for seed, (differences, _) in enumerate(found) if differences]
        record(name, {"scenes": scenes, "rows_taken_out": sum(count > 0 for _, count in found), "differ": len(bad)})
        print(name, bad[:5], f"{perf_counter() - start:.0f} s", flush=True)


def record(name: str, row: dict[str, int]) -> None:
    """Puts a benchmark's row into the kept results."""
    file = RESULTS / "eval_parity.json"
    rows = json.loads(file.read_text())["rules"] if file.exists() else {}
    rows = rows | {name: row}
    command = "python benchmarks/eval_parity.py"
    write_text(file, json.dumps({"command": command, "tolerance": 1e-9, "rules": rows}, indent=1) + "\n")
    head = "| rules | scenes | rows were taken out in | a metric differs by over 1e-9 in |\n|---|---|---|---|\n"
    lines = [
        f"| {key} | {value['scenes']} | {value['rows_taken_out']} | {value['differ']} |" for key, value in rows.items()
    ]
    text = f"# What counts, against the benchmarks' own rules\n\n`{command}`\n\n{head}" + "\n".join(lines)
    write_text(RESULTS / "eval_parity.md", text + "\n")


if __name__ == "__main__":
    main()
