"""A small training run of a window network, its scores on videos that it never saw, and tables of paired differences.

    videos = read_set("hockey", root)
    graphs = window_graphs(videos.taught(3, seed), seed, count=400)       once a seed: all arms meet the same graphs
    network = learn(graphs, build_loss("unitrack-log"), seed)
    row = judge(network, videos)                       scores of each testing video: at the chosen threshold, and at 0.5

A threshold is chosen on the choosing videos, for each network by itself, and the testing videos are tracked with it.
loss_tables.py makes tables of such rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from kept import Row
from loss_sets import VideoSet
from torch import Tensor, nn
from torch_geometric.data import Batch, Data

from gnntrack import recipes
from gnntrack.datasets.labelled import Labelled
from gnntrack.evaluation import evaluate
from gnntrack.graphs import GraphSettings
from gnntrack.models import ModelRecipe, build_model
from gnntrack.models.augmentation_settings import WindowAugmentationSettings
from gnntrack.tracking import track_offline
from gnntrack.training.windows import WindowDataset, epoch_order

GRAPHS = GraphSettings(window=21, stride=5, max_gap=6, neighbours=3)
MODEL = {"kind": "message_passing", "hidden": 32, "rounds": 3}
AUGMENTATION = WindowAugmentationSettings(drop_run=0.6, skip=1)
STEPS, BATCH, RATE, DECAY = 150, 4, 3e-3, 0.05
THRESHOLDS = (0.1, 0.2, 0.35, 0.5, 0.65)
#: The threshold that nobody chose.
FIXED = 0.5
SCORES = ("hota", "assa", "idf1", "idsw")
#: Loss of link logits on a graph.
Loss = nn.Module


def window_graphs(
    videos: list[Labelled],
    seed: int,
    count: int = STEPS * BATCH,
    settings: GraphSettings = GRAPHS,
    augmentation: WindowAugmentationSettings | None = AUGMENTATION,
) -> list[Data]:
    """Augmented window graphs of annotated videos, in the order in which they are learned from; for all arms of a seed.

    Args:
        videos: annotated.
        seed: of order and augmentation.
        count: of graphs; the windows are gone through again and again, each time changed in another way.
        settings: how graphs are built.
        augmentation: how windows are changed.
    """
    source = WindowDataset(videos, settings, augmentation, seed)
    rounds = range(-(-count // len(source)))
    order = [(number, int(place)) for number in rounds for place in epoch_order(len(source), seed, number)]
    return [source[item] for item in order[:count]]


def learn(
    graphs: Sequence[Data],
    loss: Loss,
    seed: int,
    steps: int = STEPS,
    batch: int = BATCH,
    settings: GraphSettings = GRAPHS,
) -> nn.Module:
    """Trains a new network; the parts of gnntrack.training that belong to runs and stages are not needed here.

    Args:
        graphs: from :func:`window_graphs`; used again from the first on where steps ask for more.
        loss: ``loss(logits, graph).total``.
        seed: of the first weights.
        steps: of the optimiser.
        batch: graphs a step.
        settings: how the graphs were built.
    """
    torch.manual_seed(seed)
    network = build_model(recipe_of(0.5, settings)).train()
    optimiser = torch.optim.AdamW([*network.parameters(), *loss.parameters()], lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps, pct_start=0.1)
    for step in range(steps):
        part = Batch.from_data_list(
            [graphs[number % len(graphs)] for number in range(step * batch, (step + 1) * batch)]
        )
        optimiser.zero_grad()
        loss(network.score(part), part).total.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
    return network.eval()


def recipe_of(threshold: float, settings: GraphSettings = GRAPHS) -> ModelRecipe:
    """Of the network, with a threshold for links."""
    tracking = {"births": {"confidence": 0.6}, "links": {"threshold": threshold}}
    return recipes.parse({"architecture": MODEL, "graph": settings.model_dump(), "tracking": tracking}, ModelRecipe)


def judge(network: nn.Module, videos: VideoSet, settings: GraphSettings = GRAPHS, *, fixed: bool = True) -> Row:
    """Scores of every testing video, ``{"chosen": {video: [HOTA, AssA, IDF1, switches]}, "fixed": …, "threshold": …}``.

    HOTA, AssA and IDF1 are in percent. ``chosen``: at the threshold with the highest mean HOTA on the choosing videos;
    ``fixed``: at :data:`FIXED`, where it is asked for.
    """
    tried = _scores(network, videos.choosing, THRESHOLDS, settings)
    best = max(tried, key=lambda threshold: sum(row[0] for row in tried[threshold].values()))
    found = _scores(network, videos.testing, (best, FIXED) if fixed else (best,), settings)
    row = {"threshold": best, "chosen": found[best]}
    return row | {"fixed": found[FIXED]} if fixed else row


def _scores(
    network: nn.Module, videos: list[Labelled], thresholds: Sequence[float], settings: GraphSettings
) -> dict[float, dict[str, list[float]]]:
    """By threshold and video."""
    pairs: dict[float, dict[str, Any]] = {threshold: {} for threshold in thresholds}
    for item in videos:
        scorer = _Once(network)
        for threshold in pairs:
            tracks = track_offline(item.sequence, scorer, recipe_of(threshold, settings))
            pairs[threshold][item.sequence.name] = item.annotations, tracks
    return {threshold: rows_of(evaluate(found), list(found)) for threshold, found in pairs.items()}


def rows_of(table: Mapping[str, Any], names: list[str]) -> dict[str, list[float]]:
    """The :data:`SCORES` of videos, from what ``evaluate`` gives; switches as they are, all others in percent."""
    factor = {"idsw": 1}
    return {name: [round(float(table[name][score]) * factor.get(score, 100), 3) for score in SCORES] for name in names}


class _Once:
    """Scores the windows of one video once, for all thresholds: batches of windows are told apart by their links."""

    def __init__(self, network: nn.Module) -> None:
        self.network, self.kept = network, dict[tuple[int, ...], Tensor]()

    def __call__(self, graph: Data) -> Tensor:
        key = tuple(graph.edge_row[[0, -1]].tolist()) if graph.num_edges else ()
        if key not in self.kept:
            self.kept[key] = self.network(graph)
        return self.kept[key]
