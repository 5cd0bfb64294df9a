"""Where labels are few or sparse: does UniTrack, or the cross entropy of paths, help there?

    python benchmarks/loss_labels.py --root DATA --labels few --videos 1 --seeds 5
    python benchmarks/loss_labels.py --root DATA --labels sparse --seeds 5

A window network learns from DanceTrack's training videos with simulated detections and tracks crowded validation videos
(YOLOX) offline; scores are means over videos. ``few``: some annotated videos, everything of them is known. ``sparse``:
twelve videos, every tenth frame annotated; the arms are

    full            every frame is annotated (not sparse: the bound)
    subsampled      the annotated frames alone, as a video of a tenth of the frame rate
    interpolated    boxes between annotated frames lie on straight lines; detections are labelled by overlap
    paths           the cross entropy of paths, which lead over frames that are not annotated

Runs of one seed meet the same windows in the same order. Writes results/loss_labels.json and .md; runs that are there
already are kept, so a run that was cut off goes on.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
import yaml
from loss_seeds import interval
from scenes import Scenes, read_scenes
from torch_geometric.data import Batch

from gnntrack import recipes
from gnntrack.datasets.labelled import Labelled, label_detections
from gnntrack.datasets.recipe import DatasetRecipe
from gnntrack.datasets.splits import labelled_split
from gnntrack.evaluation import evaluate
from gnntrack.files import write_text
from gnntrack.graphs import GraphSettings
from gnntrack.losses import build_loss
from gnntrack.models import ModelRecipe, build_model
from gnntrack.models.augmentation_settings import AugmentationSettings
from gnntrack.tracking import track_offline
from gnntrack.training.windows import WindowDataset, epoch_order

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "loss_labels.json"
SCORES = ("hota", "assa", "idf1", "idsw")
EVERY = 10
GRAPHS = GraphSettings(window=21, stride=5, max_gap=6, neighbours=3)
MODEL = {"kind": "message_passing", "hidden": 32, "rounds": 3}
BATCH, RATE, DECAY = 6, 3e-3, 0.05
#: Most frames that are taken of a video.
LONGEST = 400
THRESHOLDS = (0.3, 0.5)
ARMS = {
    "few": ["softmax", "unitrack", "unitrack-log", "softmax-path"],
    "sparse": ["full", "subsampled", "interpolated", "paths"],
}


def main() -> None:
    options = parse()
    torch.set_num_threads(1)
    videos = read_training(options.root)
    table = yaml.safe_load((HERE / "tracking.yaml").read_text())["datasets"]
    tests = [read_scenes(name, table[name], options.root) for name in ("dancetrack-crowded", "dancetrack")]
    tests = [replace(part, scenes={name: shortened(scene) for name, scene in part.scenes.items()}) for part in tests]
    found: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
    count = options.videos if options.labels == "few" else 12
    for seed in range(options.seeds):
        chosen = np.random.default_rng([seed, 77]).permutation(len(videos))[:count]
        for arm in options.arms or ARMS[options.labels]:
            key = f"{options.labels} {count} {options.steps} {arm} {seed}"
            if key not in found:
                found[key] = measure([videos[number] for number in chosen], tests, arm, options, seed)
                write_text(RESULTS, json.dumps(found, indent=1) + "\n")
                print(key, found[key], flush=True)
    write_text(RESULTS.with_suffix(".md"), report(found) + "\n")
    print(report(found))


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, required=True, help="folder that holds the data sets")
    parser.add_argument("--labels", choices=list(ARMS), required=True)
    parser.add_argument("--arms", nargs="+", help="loss recipes, or arms of sparse labels (default: all)")
    parser.add_argument("--videos", type=int, default=1, help="annotated videos where labels are few (default 1)")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=300)
    return parser.parse_args()


def read_training(root: Path) -> list[Labelled]:
    recipe = DatasetRecipe(
        format="mot", root=str(root / "DanceTrack"), training=("train/*",), boxes=("simulated",), classes=(1,)
    )
    return [item.take(item.sequence.frames <= LONGEST) for item in labelled_split(recipe, "training")]


def shortened(scene: Any) -> Any:
    parts = {
        name: replace(part.take(part.frames <= LONGEST), length=min(LONGEST, part.length))
        for name, part in (("truth", scene.truth), ("detections", scene.detections))
    }
    return replace(scene, **parts)


def measure(
    videos: list[Labelled], tests: list[Scenes], arm: str, options: argparse.Namespace, seed: int
) -> dict[str, Any]:
    start = time.process_time()
    if options.labels == "few":
        model = learn(videos, arm, options.steps, seed)
    else:
        change = {
            "full": lambda item: item,
            "subsampled": subsampled,
            "interpolated": interpolated,
            "paths": lambda x: x,
        }
        loss = "path" if arm == "paths" else "softmax"
        model = learn([change[arm](item) for item in videos], loss, options.steps, seed, sparse=arm == "paths")
    result = {str(threshold): judge(model, tests, threshold) for threshold in THRESHOLDS}
    return result | {"cpu_seconds": round(time.process_time() - start)}


def learn(videos: list[Labelled], loss_name: str, steps: int, seed: int, *, sparse: bool = False) -> Any:
    """Plain training on windows; the parts of gnntrack.training that belong to runs and stages are not needed here."""
    torch.manual_seed(seed)
    model = build_model(recipe_of(0.5))
    loss = build_loss(loss_name)
    windows = WindowDataset(videos, GRAPHS, AugmentationSettings(drop_run=0.6, skip=1), seed)
    optimiser = torch.optim.AdamW([*model.parameters(), *loss.parameters()], lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps, pct_start=0.1)
    positions = np.concatenate(
        [epoch_order(len(windows), seed, epoch) for epoch in range(-(-steps * BATCH // len(windows)))]
    )
    for step in range(steps):
        graphs = [windows[step, int(position)] for position in positions[step * BATCH : (step + 1) * BATCH]]
        if sparse:
            for graph in graphs:
                graph.annotated = graph.frame % EVERY == 0
                del graph.edge_label
                graph.identity = torch.where(graph.annotated, graph.identity, -1)
        batch = Batch.from_data_list(graphs)
        optimiser.zero_grad()
        loss(model.score(batch), batch).total.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
    return model.eval()


def subsampled(item: Labelled) -> Labelled:
    """The annotated frames alone."""
    kept = item.take(item.sequence.frames % EVERY == 0)
    boxes = kept.sequence.boxes.assign(frame=kept.sequence.frames // EVERY)
    slow = replace(kept.sequence, boxes=boxes, frame_rate=item.sequence.frame_rate / EVERY, length=LONGEST // EVERY)
    return replace(kept, sequence=slow, annotations=None)


def interpolated(item: Labelled) -> Labelled:
    """Labels of the frames between from straight lines between annotated boxes of the same identity."""
    assert item.annotations is not None
    boxes = item.annotations.boxes
    known = item.annotations.take((boxes["frame"] % EVERY == 0).to_numpy()).boxes
    parts = []
    for _, track in known.sort_values("frame").groupby("id"):
        frames = np.arange(track["frame"].iloc[0], track["frame"].iloc[-1] + 1)
        nearest = track["frame"].to_numpy()[np.searchsorted(track["frame"].to_numpy(), frames)]
        inside = np.isin(nearest - EVERY, track["frame"]) | np.isin(frames, track["frame"])
        filled = {column: np.interp(frames, track["frame"], track[column]) for column in ("x", "y", "w", "h")}
        first = {column: track[column].iloc[0] for column in track.columns if column not in ("frame", *filled)}
        parts.append(known.iloc[:0].reindex(range(len(frames))).assign(frame=frames, **filled, **first)[inside])
    lines = pd.concat(parts).astype(boxes.dtypes.to_dict()).sort_values(["frame", "id"], ignore_index=True)
    return label_detections(item.sequence, replace(item.annotations, boxes=lines))


def recipe_of(threshold: float) -> ModelRecipe:
    return recipes.parse(
        {
            "architecture": MODEL,
            "graph": GRAPHS.model_dump(),
            "tracking": {"births": {"confidence": 0.6}, "links": {"threshold": threshold}},
        },
        ModelRecipe,
    )


def judge(model: Any, tests: list[Scenes], threshold: float) -> dict[str, float]:
    """Means over videos, switches in all."""
    rows = []
    for scenes in tests:
        tracks = {
            name: track_offline(scene.detections, model, recipe_of(threshold)) for name, scene in scenes.scenes.items()
        }
        table = evaluate(scenes.pairs(tracks), scenes.benchmark)
        rows += [table[name] for name in scenes.scenes]
    return {
        name: round(sum(float(row[name]) for row in rows) * (1 if name == "idsw" else 100 / len(rows)), 3)
        for name in SCORES
    }


def report(found: dict[str, Any]) -> str:
    """Means with the half width of their 95 % interval at each arm's best threshold, and paired differences."""
    lines = []
    groups: dict[str, dict[str, dict[int, Any]]] = {}
    for key, row in found.items():
        labels, count, steps, arm, seed = key.split()
        groups.setdefault(f"{labels}, {count} videos, {steps} steps", {}).setdefault(arm, {})[int(seed)] = row
    for group, arms in groups.items():
        lines += [
            f"## {group}",
            "",
            "| loss | linked above | seeds | HOTA | AssA | IDF1 | switches |",
            "|---|---|---|---|---|---|---|",
        ]
        best = {
            arm: max(THRESHOLDS, key=lambda threshold: sum(run[str(threshold)]["hota"] for run in runs.values()))
            for arm, runs in arms.items()
        }
        plain = next(arm for arm in ("softmax", "subsampled", *arms) if arm in arms)
        for arm, runs in arms.items():
            rows = {seed: run[str(best[arm])] for seed, run in runs.items()}
            shown = " | ".join(interval(np.array([row[name] for row in rows.values()])) for name in SCORES)
            lines.append(f"| {arm} | {best[arm]} | {len(rows)} | {shown} |")
        for arm in arms:
            if arm == plain:
                continue
            seeds = sorted(arms[arm].keys() & arms[plain].keys())
            pairs = [
                {
                    name: arms[arm][seed][str(best[arm])][name] - arms[plain][seed][str(best[plain])][name]
                    for name in SCORES
                }
                for seed in seeds
            ]
            shown = " | ".join(interval(np.array([pair[name] for pair in pairs]), signed=True) for name in SCORES)
            lines.append(f"| {arm} − {plain}, paired | | {len(seeds)} | {shown} |")
        lines.append("")
    return "\n".join(lines).rstrip()


if __name__ == "__main__":
    main()
