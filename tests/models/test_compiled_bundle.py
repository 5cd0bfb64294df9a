"""Networks as arrays, read without torch, are those of torch."""

from __future__ import annotations

import numpy as np
import pytest

from gnntrack.models import (
    AssociationNetwork,
    AssociationNetworkSettings,
    CompiledNetworks,
    MessagePassing,
    MessagePassingSettings,
    ModelRecipe,
    SmoothingNetworkSettings,
    TrackletNetworkSettings,
    build_model,
    load_for_tracking,
    load_weights,
    save_weights,
)
from gnntrack.models.compiled_bundle import network_shapes

SHAPES = [
    AssociationNetworkSettings(hidden=8, rounds=1),
    AssociationNetworkSettings(hidden=6, rounds=3, appearance=True),
    AssociationNetworkSettings(
        hidden=8,
        tracklets=TrackletNetworkSettings(hidden=4, rounds=1, members=2, appearance=True),
        smoothing=SmoothingNetworkSettings(hidden=5),
    ),
]


def arrays_in(value) -> list[np.ndarray]:
    """All arrays of nested tuples, in order."""
    if isinstance(value, np.ndarray):
        return [value]
    return [array for item in value for array in arrays_in(item)] if isinstance(value, tuple) else []


def all_arrays(networks: CompiledNetworks) -> list[np.ndarray]:
    return arrays_in((networks.weights, networks.tracklets, networks.smoothing))


@pytest.mark.parametrize("settings", SHAPES)
def test_shapes_are_those_of_the_network_that_learns(settings):
    network = AssociationNetwork(settings)
    assert network_shapes(settings) == {name: tuple(value.shape) for name, value in network.state_dict().items()}


@pytest.mark.parametrize("settings", SHAPES)
def test_weights_of_a_file_are_those_of_the_network_that_was_saved(settings, tmp_path):
    recipe = ModelRecipe(architecture=settings)
    model = build_model(recipe)
    save_weights(tmp_path / "w.safetensors", model, recipe)
    networks, read = load_for_tracking(tmp_path / "w.safetensors")
    assert isinstance(networks, CompiledNetworks) and read == recipe
    expected = all_arrays(model.compiled())
    found = all_arrays(networks)
    assert len(found) == len(expected) >= 20
    assert all(one.dtype == np.float32 and one.flags.c_contiguous for one in found)
    assert all(np.array_equal(one, other) for one, other in zip(found, expected, strict=True))


def test_shipped_weights_are_the_same_both_ways():
    networks, recipe = load_for_tracking("default")
    model, same = load_weights("default")
    assert recipe == same
    for one, other in zip(all_arrays(networks), all_arrays(model.compiled()), strict=True):
        np.testing.assert_array_equal(one, other)


def test_further_training_does_not_change_what_was_compiled():
    network = AssociationNetwork(SHAPES[0])
    networks = network.compiled()
    before = [one.copy() for one in all_arrays(networks)]
    for parameter in network.parameters():
        parameter.data.add_(1.0)
    assert all(np.array_equal(one, other) for one, other in zip(all_arrays(networks), before, strict=True))


def test_networks_of_window_graphs_are_those_of_torch(tmp_path):
    recipe = ModelRecipe(architecture=MessagePassingSettings(hidden=8, rounds=1))
    save_weights(tmp_path / "w.safetensors", build_model(recipe), recipe)
    assert isinstance(load_for_tracking(tmp_path / "w.safetensors")[0], MessagePassing)
