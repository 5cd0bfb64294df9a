"""Training by tracking: it learns, and every kind of loss serves."""

from __future__ import annotations

import pandas as pd
import pytest
import torch

from gnntrack.datasets.labelled import label_annotations
from gnntrack.datasets.sample import sample
from gnntrack.errors import DataError
from gnntrack.losses import build_loss
from gnntrack.models import (
    AssociationNetwork,
    AssociationNetworkSettings,
    AssociationStageSettings,
    ModelRecipe,
    load_weights,
)
from gnntrack.training import METRICS, WEIGHTS, RunOptions, train
from gnntrack.training.validation import association_scores
from tests.conftest import make_sequence

RECIPE = ModelRecipe(
    architecture=AssociationNetworkSettings(hidden=12, rounds=1),
    stages=(AssociationStageSettings(epochs=2, batch_size=3, learning_rate=5e-3, steps=6, length=20, window=2),),
)


@pytest.fixture(scope="module")
def walkers():
    return [label_annotations(sample("TUD-Stadtmitte", "annotations"))]


@pytest.mark.parametrize("loss", ["softmax", "bce", "unitrack", "unitrack-paper"])
def test_every_kind_of_loss_trains(walkers, tmp_path, loss):
    model = train(walkers, RECIPE, build_loss(loss), tmp_path / "run", RunOptions(progress=False, epochs=1))
    assert isinstance(model, AssociationNetwork)
    again, _ = load_weights(tmp_path / "run" / WEIGHTS)
    for one, other in zip(model.parameters(), again.parameters(), strict=True):
        assert torch.equal(one, other)


def test_weights_of_the_loss_are_learned(walkers, tmp_path):
    loss = build_loss("unitrack-learned")
    before = [parameter.detach().clone() for parameter in loss.parameters()]
    train(walkers, RECIPE, loss, tmp_path / "run", RunOptions(progress=False, epochs=1))
    assert before
    assert not any(torch.equal(old, new) for old, new in zip(before, loss.parameters(), strict=True))


def test_loss_falls(walkers, tmp_path):
    longer = RECIPE.model_copy(update={"stages": (RECIPE.stages[0].model_copy(update={"epochs": 4, "batch_size": 6}),)})
    train(walkers, longer, build_loss("softmax"), tmp_path / "run", RunOptions(progress=False))
    table = pd.read_csv(tmp_path / "run" / "association" / METRICS)
    assert table["train/link"].iloc[-1] < 0.7 * table["train/link"].iloc[0]


def test_score_is_between_0_and_1(walkers):
    model = AssociationNetwork(AssociationNetworkSettings(hidden=8)).eval()
    (score,) = association_scores(walkers, model, ModelRecipe(architecture=model.settings))
    assert 0 <= score <= 1


def test_too_little_to_train_on(tmp_path):
    tiny = [label_annotations(make_sequence([(1, 1, 1.0, 1, 5, 5), (2, 1, 1.0, 1, 5, 5)]))]
    with pytest.raises(DataError, match="no sequence is long enough"):
        train(tiny, RECIPE, build_loss("softmax"), tmp_path / "run", RunOptions(progress=False))
