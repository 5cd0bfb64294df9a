"""Windows that other processes build ahead: the same weights for any number of them, and for any run."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
import torch

from gnntrack.datasets.labelled import label_annotations
from gnntrack.errors import DataError, MachineError
from gnntrack.graphs import GraphSettings
from gnntrack.models import AssociationNetworkSettings, MessagePassingSettings, ModelRecipe, WindowStageSettings
from gnntrack.models.augmentation_settings import WindowAugmentationSettings
from gnntrack.training import WEIGHTS, RunOptions, train
from gnntrack.training.loading import WindowBatches
from gnntrack.training.windows import WindowDataset

GRAPH = GraphSettings(window=6, stride=2, max_gap=4)
RECIPE = ModelRecipe(
    architecture=MessagePassingSettings(hidden=8, rounds=1, dropout=0.1),
    graph=GRAPH,
    stages=(WindowStageSettings(epochs=2, batch_size=3, learning_rate=0.01),),
)


def weights(two_walkers, out: Path, **options) -> bytes:
    train([label_annotations(two_walkers)], RECIPE, None, out, RunOptions(progress=False, **options))
    return (out / WEIGHTS).read_bytes()


def test_the_weights_do_not_depend_on_workers(two_walkers, tmp_path):
    """Two runs with two workers and one with none: bytes. The second run finds its workers' server already there."""
    alone = weights(two_walkers, tmp_path / "alone")
    assert weights(two_walkers, tmp_path / "two", workers=2) == alone
    assert weights(two_walkers, tmp_path / "again", workers=2) == alone
    assert weights(two_walkers, tmp_path / "other", seed=1) != alone


def test_epochs_that_end_early_and_workers_that_end(two_walkers):
    """What was made ahead for an epoch that is left is forgotten; a worker that is killed is one line."""
    windows = WindowDataset([label_annotations(two_walkers)], GRAPH, WindowAugmentationSettings(), seed=3)
    alone, ahead = WindowBatches(windows), WindowBatches(windows, 1)
    plan = [[0, 1], [2], [], [3, 4], [5, 6], [7]]
    first = ahead.of(0, plan)
    next(first)
    for one, other in zip(alone.of(1, plan), ahead.of(1, plan), strict=True):
        assert (one is None) == (other is None)
        assert one is None or torch.equal(one.edge_attr, other.edge_attr)
    (worker,) = ahead._loader._iterator._workers
    os.kill(worker.pid, signal.SIGTERM)  # not obeyed: the first process is asked, too
    assert next(ahead.of(2, plan)).num_graphs == 2
    os.kill(worker.pid, signal.SIGKILL)
    with pytest.raises(MachineError, match="a process that builds windows has ended; take fewer --workers"):
        for _ in ahead.of(3, plan * 10):
            pass


def test_workers_that_no_stage_asks_for(two_walkers, tmp_path):
    recipe = ModelRecipe(architecture=AssociationNetworkSettings(hidden=8))
    with pytest.raises(DataError, match="no stage of the recipe builds windows; leave out --workers"):
        train([label_annotations(two_walkers)], recipe, None, tmp_path / "run", RunOptions(workers=2))
    assert not (tmp_path / "run").exists()
