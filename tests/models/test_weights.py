"""Weights come back as they were; anything else is refused with one line."""

from __future__ import annotations

import pickle

import pytest
import torch
from safetensors.torch import save_file

from gnntrack.errors import DataError
from gnntrack.graphs import GraphSettings, build_graph
from gnntrack.models import MessagePassingSettings, ModelRecipe, build_model, load_weights, save_weights

RECIPE = ModelRecipe(
    architecture=MessagePassingSettings(hidden=8, rounds=1), graph=GraphSettings(window=6, stride=2, max_gap=4)
)


@pytest.fixture
def path(tmp_path):
    torch.manual_seed(0)
    save_weights(tmp_path / "a.safetensors", build_model(RECIPE), RECIPE)
    return tmp_path / "a.safetensors"


def test_round_trip(path, two_walkers):
    model, recipe = load_weights(path)
    assert recipe == RECIPE
    torch.manual_seed(0)
    graph = build_graph(two_walkers, recipe.graph)
    torch.testing.assert_close(model(graph), build_model(RECIPE).eval()(graph))
    assert not model.training


def test_cut_off_file(path):
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DataError, match=r"a\.safetensors: not readable as weights.*expected a safetensors file"):
        load_weights(path)


def test_empty_file(path):
    path.write_bytes(b"")
    with pytest.raises(DataError, match="not readable as weights"):
        load_weights(path)


def test_other_version(path):
    save_file({"a": torch.zeros(1)}, path, metadata={"format": "gnntrack weights 9"})
    with pytest.raises(DataError, match=r"format is 'gnntrack weights 9'; expected .*'gnntrack weights 1'"):
        load_weights(path)


def test_not_finite(tmp_path):
    model = build_model(RECIPE)
    torch.nn.init.constant_(model.head[0].weight, float("nan"))
    save_weights(tmp_path / "b.safetensors", model, RECIPE)
    with pytest.raises(DataError, match="a weight is not finite"):
        load_weights(tmp_path / "b.safetensors")


def test_pickle_is_refused(tmp_path):
    canary = tmp_path / "canary"

    class Bomb:
        def __reduce__(self):
            return open, (str(canary), "w")

    (tmp_path / "c.safetensors").write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(DataError, match="not readable as weights"):
        load_weights(tmp_path / "c.safetensors")
    assert not canary.exists()


def test_missing_file():
    with pytest.raises(DataError, match="no such file"):
        load_weights("nowhere/a.safetensors")
