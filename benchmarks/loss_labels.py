"""Where labels are few or sparse: does UniTrack, or the cross entropy of paths, help there?

    python benchmarks/loss_labels.py --root DATA --seeds 5

A window network learns from some annotated videos of a data set (loss_sets.yaml) and tracks others. ``few-N``: N
annotated videos; everything of them is known. ``sparse``: six videos, of which every tenth frame is annotated:

    full            every frame is annotated (the bound)
    subsampled      the annotated frames alone, as a video of a tenth of the frame rate
    interpolated    boxes between annotated frames lie on straight lines; detections are labelled by overlap
    interpolated + LOSS     the same labels, and another loss
    paths           the cross entropy of paths, which lead over frames that are not annotated

Runs of one seed meet the same windows in the same order. Writes results/loss_labels.json and .md; runs that are there
already are kept, so a run that was cut off goes on.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from copy import copy
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from kept import Kept
from loss_runs import GRAPHS, STEPS, Row, judge, learn, window_graphs
from loss_sets import TABLE, VideoSet, read_set
from loss_tables import Rows, table, write_tables
from torch_geometric.data import Data

from gnntrack.datasets.labelled import Labelled, label_detections
from gnntrack.losses import build_loss

RESULTS = Path(__file__).parent / "results" / "loss_labels.json"
EVERY, SPARSE_VIDEOS = 10, 6
#: What a run is kept small by: frames that are tracked, of so many videos; windows a step; windows overlap less.
FRAMES, CHOOSING, TESTING, BATCH = 120, 2, 4, 3
TRACKING = GRAPHS.model_copy(update={"stride": 15})
LOSSES = ("softmax", "unitrack-log", "softmax-path")
#: Arms of sparse labels: how videos become graphs, and the loss.
SPARSE = {
    "full": ("full", "softmax"),
    "subsampled": ("subsampled", "softmax"),
    "interpolated": ("interpolated", "softmax"),
    "interpolated + unitrack-log": ("interpolated", "unitrack-log"),
    "interpolated + path": ("interpolated", "softmax-path"),
    "paths": ("annotated", "path"),
}
EXPERIMENTS: dict[str, tuple[str, ...]] = {
    "few-1": LOSSES,
    "sparse": tuple(SPARSE),
    "few-3": LOSSES,
    "few-10": LOSSES,
}
PLAIN = {"sparse": "interpolated"}


def main() -> None:
    options = parse()
    torch.set_num_threads(1)
    kept = Kept(RESULTS)
    sets = {name: small(read_set(name, options.root, tracked=FRAMES)) for name in options.sets}
    for seed in range(options.seeds):
        for experiment in options.experiments:
            for videos in sets.values():
                graphs = cache(partial(taught, experiment, videos, seed))
                for arm in (arm for arm in EXPERIMENTS[experiment] if arm in (options.arms or (arm,))):
                    key = f"{experiment}|{videos.name}|{arm}|{seed}"
                    kept.get(key, partial(run, graphs, videos, arm, seed))
    text = report(kept.rows)
    write_tables(RESULTS.with_suffix(".md"), text)
    print(text)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, required=True, help="folder that holds the data sets")
    parser.add_argument("--experiments", nargs="+", choices=list(EXPERIMENTS), default=list(EXPERIMENTS))
    parser.add_argument("--arms", nargs="+", help="of the experiments (default: all)")
    parser.add_argument("--sets", nargs="+", choices=list(TABLE), default=list(TABLE))
    parser.add_argument("--seeds", type=int, default=5, help="seeds below this are run (default 5)")
    return parser.parse_args()


def run(graphs: Callable[[str], list[Data]], videos: VideoSet, arm: str, seed: int) -> Row:
    form, loss = SPARSE.get(arm, ("full", arm))
    return judge(learn(graphs(form), build_loss(loss), seed, batch=BATCH), videos, TRACKING)


def small(videos: VideoSet) -> VideoSet:
    """Fewer videos that are tracked."""
    return replace(videos, choosing=videos.choosing[:CHOOSING], testing=videos.testing[:TESTING])


def taught(experiment: str, videos: VideoSet, seed: int, form: str) -> list[Data]:
    """The window graphs of an experiment."""
    count = SPARSE_VIDEOS if experiment == "sparse" else int(experiment.removeprefix("few-"))
    change = {"subsampled": subsampled, "interpolated": interpolated}.get(form, lambda item: item)
    graphs = window_graphs([change(item) for item in videos.taught(count, seed)], seed, STEPS * BATCH)
    return list(map(hidden, graphs)) if form == "annotated" else graphs


def hidden(graph: Data) -> Data:
    """The graph without what frames that are not annotated would tell."""
    graph = copy(graph)
    graph.annotated = graph.frame % EVERY == 0
    graph.identity = torch.where(graph.annotated, graph.identity, -1)
    del graph.edge_label
    return graph


def subsampled(item: Labelled) -> Labelled:
    """The annotated frames alone."""
    kept = item.take(item.sequence.frames % EVERY == 0)
    boxes = kept.sequence.boxes.assign(frame=kept.sequence.frames // EVERY)
    length, rate = item.sequence.length // EVERY, item.sequence.frame_rate / EVERY
    return replace(kept, sequence=replace(kept.sequence, boxes=boxes, frame_rate=rate, length=length), annotations=None)


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


def report(rows: dict[str, Row]) -> str:
    """Tables of every experiment: all data sets together at the chosen and at the fixed threshold, and each alone."""
    groups: dict[str, dict[str, Rows]] = {}
    for key, row in rows.items():
        experiment, name, arm, seed = key.split("|")
        groups.setdefault(experiment, {}).setdefault(arm, {})[name, int(seed)] = row
    lines = []
    for experiment in (name for name in EXPERIMENTS if name in groups):
        arms, plain = groups[experiment], PLAIN.get(experiment, "softmax")
        names = sorted({name for part in arms.values() for name, _ in part})
        lines += [f"## {experiment}", "", "All data sets, threshold chosen on other videos:", "", *table(arms, plain)]
        lines += ["", "All data sets, links above .5:", "", *table(arms, plain, "fixed"), ""]
        for name in names:
            parts = {arm: {key: row for key, row in part.items() if key[0] == name} for arm, part in arms.items()}
            here = {arm: part for arm, part in parts.items() if part}
            lines += [f"{name}, threshold chosen on other videos:", "", *table(here, plain), ""]
    return "\n".join(lines).rstrip()


if __name__ == "__main__":
    main()
