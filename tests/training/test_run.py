"""Training runs: they learn, resume exactly, and stop at NaN."""

from __future__ import annotations

import json

import pandas as pd
import pytest
import torch
from safetensors.torch import load_file

from gnntrack.datasets.labelled import label_annotations
from gnntrack.errors import DataError
from gnntrack.graphs import GraphSettings
from gnntrack.losses import build_loss
from gnntrack.models import (
    AssociationNetworkSettings,
    AssociationStageSettings,
    MessagePassingSettings,
    ModelRecipe,
    TrackletNetworkSettings,
    WindowStageSettings,
    build_model,
    load_weights,
    save_weights,
)
from gnntrack.training import METRICS, WEIGHTS, RunOptions, train
from gnntrack.training.run import CHECKPOINT
from gnntrack.training.windows import WindowDataset, epoch_order
from tests.conftest import make_sequence

RECIPE = ModelRecipe(
    architecture=MessagePassingSettings(hidden=8, rounds=1, dropout=0.1),
    graph=GraphSettings(window=6, stride=2, max_gap=4),
    stages=(WindowStageSettings(epochs=4, batch_size=4, learning_rate=0.01),),
)


@pytest.fixture
def labelled(two_walkers):
    return [label_annotations(two_walkers)]


def run(labelled, out, **options):
    return train(labelled, RECIPE, build_loss("unitrack"), out, RunOptions(progress=False, **options), labelled)


def test_run_folder(labelled, tmp_path):
    run(labelled, tmp_path / "run")
    table = pd.read_csv(tmp_path / "run" / "window" / METRICS)
    assert table["epoch"].tolist() == [0, 1, 2, 3]
    assert table["train/total"].iloc[-1] < table["train/total"].iloc[0]
    assert table["validation/total"].notna().all()
    assert load_weights(tmp_path / "run" / WEIGHTS)[1] == RECIPE
    assert json.loads((tmp_path / "run" / "run.json").read_text())["training"] == {
        "window": [{"sequence": "toy", "boxes": 40}]
    }


def test_same_seed_same_weights(labelled, tmp_path):
    for name in ("a", "b", "c"):
        run(labelled, tmp_path / name, epochs=1, seed=int(name == "c"))
    a, b, c = (load_file(tmp_path / name / WEIGHTS) for name in "abc")
    assert all(torch.equal(a[key], b[key]) for key in a)
    assert any(not torch.equal(a[key], c[key]) for key in a)


class BrokenLoss(torch.nn.Module):
    """NaN from the third step on."""

    def __init__(self):
        super().__init__()
        self.good, self.steps = build_loss("bce"), 0

    def forward(self, logits, data):
        self.steps += 1
        result = self.good(logits, data)
        return result if self.steps < 3 else type(result)(result.total * float("nan"), result.parts)


def test_nan_loss_stops_and_names_the_place(labelled, tmp_path):
    with pytest.raises(DataError, match=r"loss is nan, toy frames \d+ to \d+.*last good weights are kept"):
        train(labelled, RECIPE, BrokenLoss(), tmp_path / "run", RunOptions(progress=False))
    assert (tmp_path / "run" / CHECKPOINT).is_file()


def test_existing_run_is_refused(labelled, tmp_path):
    run(labelled, tmp_path / "run", epochs=1)
    with pytest.raises(DataError, match="output exists"):
        run(labelled, tmp_path / "run", epochs=1)
    run(labelled, tmp_path / "run", epochs=1, overwrite=True)


def test_resume_without_a_run(labelled, tmp_path):
    with pytest.raises(DataError, match="no checkpoint to resume from"):
        run(labelled, tmp_path / "run", resume=True)


def test_nothing_to_train_on(tmp_path):
    with pytest.raises(DataError, match="no box to train on"):
        run([label_annotations(make_sequence([]))], tmp_path / "run")


def test_windows_depend_on_epoch_and_seed_alone(labelled):
    dataset = WindowDataset(labelled, RECIPE.graph, RECIPE.stages[0].augmentation, seed=3)
    again = WindowDataset(labelled, RECIPE.graph, RECIPE.stages[0].augmentation, seed=3)
    assert torch.equal(dataset[(1, 2)].box, again[(1, 2)].box)
    assert not torch.equal(dataset[(1, 2)].box[:3], dataset[(2, 2)].box[:3])
    orders = [epoch_order(len(dataset), 3, epoch).tolist() for epoch in (0, 1)]
    assert orders[0] != orders[1]
    assert sorted(orders[0]) == list(range(len(dataset)))


def test_no_network_goes_untrained_into_tracking(labelled, tmp_path):
    recipe = ModelRecipe(architecture=AssociationNetworkSettings(tracklets=TrackletNetworkSettings()))
    with pytest.raises(DataError, match="leave out architecture: tracklets; the stage relinking makes it"):
        train(labelled, recipe, build_loss("unitrack-light"), tmp_path / "run", RunOptions(progress=False))
    assert not (tmp_path / "run").exists()


def test_start_from_weights(labelled, tmp_path):
    """The weights bring architecture, graphs and thresholds; how training goes is the recipe's."""
    run(labelled, tmp_path / "first", epochs=1)
    first = tmp_path / "first" / WEIGHTS
    other = RECIPE.model_copy(
        update={
            "architecture": MessagePassingSettings(hidden=4),
            "stages": (WindowStageSettings(epochs=1, batch_size=4, learning_rate=1e-9, weight_decay=0.0),),
        }
    )
    options = RunOptions(progress=False, start=first)
    train(labelled, other, build_loss("unitrack"), tmp_path / "second", options)
    a, b = (load_file(tmp_path / name / WEIGHTS) for name in ("first", "second"))
    for key in a:
        torch.testing.assert_close(a[key], b[key], rtol=0, atol=1e-6)
    recipe = load_weights(tmp_path / "second" / WEIGHTS)[1]
    assert (recipe.architecture, recipe.stages) == (RECIPE.architecture, other.stages)
    starts = [json.loads((tmp_path / name / "run.json").read_text())["start"] for name in ("first", "second")]
    assert starts == [None, str(first)]


def test_a_tracklet_network_stays_as_it_was(labelled, tmp_path):
    recipe = ModelRecipe(
        architecture=AssociationNetworkSettings(
            hidden=4, rounds=1, tracklets=TrackletNetworkSettings(hidden=4, rounds=1, members=1)
        ),
        stages=(AssociationStageSettings(epochs=1, batch_size=1, length=8, steps=2, window=2),),
    )
    torch.manual_seed(0)
    model = build_model(recipe)
    save_weights(tmp_path / "start.safetensors", model, recipe)
    options = RunOptions(progress=False, start=tmp_path / "start.safetensors")
    trained = train(labelled, recipe, build_loss("unitrack-light"), tmp_path / "run", options)
    changed = {key for key, values in trained.state_dict().items() if not torch.equal(values, model.state_dict()[key])}
    assert "edge_in.first.weight" in changed
    assert not any(key.startswith("tracklets") for key in changed)
