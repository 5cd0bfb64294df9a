"""Weights come back as they were; anything else is refused with one line."""

from __future__ import annotations

import json
import pickle
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from gnntrack.errors import DataError
from gnntrack.graphs import GraphSettings, build_graph
from gnntrack.models import (
    AssociationNetworkSettings,
    MessagePassingSettings,
    ModelRecipe,
    SmoothingNetworkSettings,
    TrackletNetworkSettings,
    build_model,
    find_weights,
    load_weights,
    save_weights,
    weights,
    weights_file,
)

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
    with pytest.raises(
        DataError, match=r"a\.safetensors: tensors of .* bytes in a file that has .*expected a whole safetensors file"
    ):
        load_weights(path)


def test_empty_file(path):
    path.write_bytes(b"")
    with pytest.raises(DataError, match="cut off, or no safetensors file"):
        load_weights(path)


def test_other_version(path):
    save_file({"a": torch.zeros(1)}, path, metadata={"format": "gnntrack weights 9"})
    with pytest.raises(DataError, match=r"format is 'gnntrack weights 9'; expected .*'gnntrack weights 3'"):
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
    with pytest.raises(DataError, match="no safetensors file"):
        load_weights(tmp_path / "c.safetensors")
    assert not canary.exists()


def test_missing_file():
    with pytest.raises(DataError, match="no such file"):
        load_weights("nowhere/a.safetensors")


SMALL = {
    "architecture": {
        "kind": "association",
        "hidden": 8,
        "tracklets": {"hidden": 8, "members": 2},
        "smoothing": {"hidden": 8},
    },
    "graph": {"window": 6, "stride": 2, "max_gap": 4},
}


def lying(path, *keys, value):
    """Weights whose recipe says another value for a key than they were made with."""
    recipe = json.loads(ModelRecipe.model_validate(SMALL).model_dump_json())
    place = recipe
    for key in keys[:-1]:
        place = place[key]
    assert keys[-1] in place
    place[keys[-1]] = value
    tensors = build_model(ModelRecipe.model_validate(SMALL)).state_dict()
    save_file(tensors, path, {"format": weights_file.FORMAT, "recipe": json.dumps(recipe)})
    return path


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        (("architecture", "hidden"), 1_000_000),
        (("architecture", "rounds"), 1_000_000),
        (("architecture", "candidates"), 10**9),
        (("architecture", "neighbours"), 10**9),
        (("architecture", "tracklets", "hidden"), 20_000),
        (("architecture", "tracklets", "rounds"), 1_000_000),
        (("architecture", "tracklets", "members"), 1_000_000),
        (("architecture", "tracklets", "candidates"), 10**9),
        (("architecture", "tracklets", "online_candidates"), 10**9),
        (("architecture", "tracklets", "reach"), 10**9),
        (("architecture", "smoothing", "hidden"), 1_000_000),
        (("tracking", "offline", "revisions"), 10**9),
        (("tracking", "links", "memory"), 10**12),
        (("tracking", "boxes", "interpolate"), f"{10**12} frames"),
        (("tracking", "offline", "gaps"), [2.0] * 1000),
        (("tracking", "links", "confidence_power"), float("inf")),
        (("graph", "window"), 10**9),
        (("graph", "neighbours"), 10**9),
        (("graph", "spatial_neighbours"), 10**9),
        (("graph", "reach"), float("nan")),
    ],
)
def test_a_recipe_beyond_all_bounds(tmp_path, monkeypatch, keys, value):
    monkeypatch.setattr(weights, "build_model", None)  # nothing is built
    with pytest.raises(DataError, match=rf"w\.safetensors: .*{keys[-1]}"):
        load_weights(lying(tmp_path / "w.safetensors", *keys, value=value))


@pytest.mark.parametrize(
    ("keys", "value", "message"),
    [
        (("architecture", "hidden"), 4096, r"has the shape \(8, \d+\), not \(4096, \d+\)"),
        (("architecture", "rounds"), 32, r"rounds\.2\.\w+ is missing"),
        (("architecture", "rounds"), 1, r"there is no 'rounds\.1\.[\w.]+' in it"),
        (("architecture", "tracklets", "members"), 16, r"tracklets\.members\.2\.[\w.]+ is missing"),
        (("architecture", "appearance"), True, r"appearance\.[\w.]+ is missing"),
    ],
)
def test_a_recipe_of_other_shapes(tmp_path, monkeypatch, keys, value, message):
    path = lying(tmp_path / "w.safetensors", *keys, value=value)
    monkeypatch.setattr(weights_file, "read_floats", None)  # no tensor is read, so none is made
    with pytest.raises(DataError, match=message):
        load_weights(path)


def test_the_largest_recipe_takes_no_memory(tmp_path):
    """4096 wide, 32 rounds, 16 members: 600 GB, if it were built."""
    largest = AssociationNetworkSettings(
        hidden=4096,
        rounds=32,
        tracklets=TrackletNetworkSettings(hidden=4096, rounds=32, members=16),
        smoothing=SmoothingNetworkSettings(hidden=4096),
    )
    recipe = ModelRecipe(architecture=largest)
    save_file(
        {"a": torch.zeros(1)},
        tmp_path / "w.safetensors",
        {"format": weights_file.FORMAT, "recipe": recipe.model_dump_json()},
    )
    with pytest.raises(DataError, match="is missing"):
        load_weights(tmp_path / "w.safetensors")


@pytest.mark.parametrize("kind", [torch.int32, torch.uint8, torch.bool, torch.complex64])
def test_tensors_that_are_no_floats(path, kind):
    model, recipe = load_weights(path)
    tensors = {name: tensor.to(kind) for name, tensor in model.state_dict().items()}
    save_file(tensors, path, {"format": weights_file.FORMAT, "recipe": recipe.model_dump_json()})
    with pytest.raises(DataError, match=r"tensor '.*' is of type '\w+'; expected BF16, F16, F32, F64"):
        load_weights(path)


@pytest.mark.parametrize("kind", [torch.float64, torch.float16, torch.bfloat16])
def test_whatever_floats_are_in_the_file_weights_are_float32(path, kind):
    model, recipe = load_weights(path)
    before = {name: tensor.to(kind).float() for name, tensor in model.state_dict().items()}
    save_weights(path, model.to(kind), recipe)
    again = load_weights(path)[0].state_dict()
    assert {tensor.dtype for tensor in again.values()} == {torch.float32}
    assert all(torch.equal(again[name], before[name]) for name in before)


def test_a_float64_beyond_float32(path):
    model, recipe = load_weights(path)
    model.double()
    torch.nn.init.constant_(model.head[0].weight, 1e300)
    save_weights(path, model, recipe)
    with pytest.raises(DataError, match="a weight is not finite"):
        load_weights(path)


@pytest.mark.parametrize("recipe", ["", "[1]", "{", "[" * 100_000, "1" * 5000, '{"graph": ' * 99])
def test_recipes_that_are_none(path, recipe):
    save_file(load_file(path), path, {"format": weights_file.FORMAT, "recipe": recipe})
    with pytest.raises(DataError, match=r"a\.safetensors"):
        load_weights(path)


def test_loaded_weights_do_not_depend_on_the_file(path):
    """A file that is replaced or cut off later changes nothing: weights are not memory-mapped."""
    model, _ = load_weights(path)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    with path.open("r+b") as file:
        file.seek(-64, 2)
        file.write(b"\xff" * 64)
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert all(parameter.requires_grad for parameter in model.parameters())


def test_loading_leaves_random_numbers_alone(path):
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    load_weights(path)
    assert torch.equal(torch.rand(1), expected)


def test_the_same_weights_are_the_same_bytes(path, tmp_path):
    model, recipe = load_weights(path)
    for number in range(8):  # a hash map of two keys comes in either order
        save_weights(tmp_path / "again.safetensors", model, recipe)
        assert (tmp_path / "again.safetensors").read_bytes() == path.read_bytes(), number
    assert load_file(path).keys() == model.state_dict().keys()


def test_shipped_names_are_shipped(tmp_path, monkeypatch, path):
    (tmp_path / "models").mkdir()
    shutil.copy(path, tmp_path / "models" / "default.safetensors")
    shutil.copy(path, tmp_path / "models" / "mine.safetensors")
    monkeypatch.chdir(tmp_path)
    shipped = find_weights("default")
    assert shipped.is_absolute() and not shipped.is_relative_to(tmp_path)
    assert load_weights("default")[1] != RECIPE
    assert load_weights("./models/default.safetensors")[1] == load_weights("models/mine.safetensors")[1] == RECIPE
    with pytest.raises(
        DataError, match=r"no shipped weights 'mine'; give the path of your own: models/mine\.safetensors"
    ):
        load_weights("mine")
    with pytest.raises(DataError, match=r"weights None; give the name of shipped weights, or a path"):
        load_weights(None)
    with pytest.raises(DataError, match=r"no shipped weights 'defalt'; did you mean 'default'\?"):
        load_weights("defalt")
