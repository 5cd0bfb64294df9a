"""Weights of format 1 are read as they were meant: matrices the other way round, under other names."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from gnntrack.models import (
    AssociationNetwork,
    AssociationNetworkSettings,
    ModelRecipe,
    SmoothingNetworkSettings,
    TrackletNetworkSettings,
    build_model,
    load_weights,
)

_SQUARE = ("source", "target", "pair", "pair_out", "node", "message", "node_out")


def _old_names(hidden: int, rounds: int, sides: dict[str, int]) -> dict[str, tuple[int, ...]]:
    """Names and shapes of a link network of format 1: matrices are (inputs, outputs)."""
    shapes: dict[str, tuple[int, ...]] = {
        "neighbour_state": (hidden, hidden),
        "neighbour_relation": (5, hidden),
        "neighbour_bias": (hidden,),
        "neighbour_out": (hidden, hidden),
        "head": (hidden, 1),
        "head_bias": (1,),
    }
    for name, inputs in sides.items():
        outputs = 1 if name == "real" else hidden
        shapes |= {f"{name}_first": (inputs, hidden), f"{name}_first_bias": (hidden,)}
        shapes |= {f"{name}_second": (hidden, outputs), f"{name}_second_bias": (outputs,)}
    for number in range(rounds):
        shapes |= {f"rounds_{number}_{name}": (hidden, hidden) for name in _SQUARE}
        shapes |= {f"rounds_{number}_{name}": (hidden,) for name in ("pair_bias", "node_bias", "scale")}
    return shapes


@pytest.mark.parametrize("appearance", [False, True])
def test_every_tensor_finds_its_place(tmp_path, appearance):
    members = TrackletNetworkSettings(hidden=6, rounds=1, members=2)
    shape = AssociationNetworkSettings(
        hidden=8, rounds=2, tracklets=members, smoothing=SmoothingNetworkSettings(hidden=4), appearance=appearance
    )
    model = build_model(ModelRecipe(architecture=shape))
    assert isinstance(model, AssociationNetwork)
    branch = {"appearance": 46} if appearance else {}
    names = _old_names(8, 2, {"track_in": 98, "detection_in": 13, "pair_in": 42, "real": 8} | branch)
    own = _old_names(6, 1, {"track_in": 10, "detection_in": 10, "pair_in": 70, "real": 6})
    for number in range(2):
        names |= {f"tracklets.members.{number}.{name}": size for name, size in own.items()}
    torch.manual_seed(1)
    tensors = {name: torch.randn(size) for name, size in names.items()}
    tensors |= {name: value for name, value in model.state_dict().items() if name.startswith("smoothing.")}
    recipe = {"architecture": json.loads(shape.model_dump_json())}
    metadata = {"format": "gnntrack weights 1", "recipe": json.dumps(recipe)}
    save_file(tensors, tmp_path / "old.safetensors", metadata)
    read, _ = load_weights(tmp_path / "old.safetensors")
    assert isinstance(read, AssociationNetwork)
    weights = read.gathered()
    np.testing.assert_array_equal(weights.past_in.first, tensors["track_in_first"])
    np.testing.assert_array_equal(weights.future_in.second_bias, tensors["detection_in_second_bias"])
    np.testing.assert_array_equal(weights.edge_in.second, tensors["pair_in_second"])
    np.testing.assert_array_equal(weights.neighbour.relation, tensors["neighbour_relation"])
    np.testing.assert_array_equal(weights.neighbour.bias, tensors["neighbour_bias"])
    np.testing.assert_array_equal(weights.head.weight, tensors["head"][:, 0])
    np.testing.assert_array_equal(weights.rounds.edge[1], tensors["rounds_1_pair"])
    np.testing.assert_array_equal(weights.rounds.edge_bias[0], tensors["rounds_0_pair_bias"])
    np.testing.assert_array_equal(weights.rounds.node_out[1], tensors["rounds_1_node_out"])
    np.testing.assert_array_equal(weights.rounds.scale[1], tensors["rounds_1_scale"])
    assert read.tracklets is not None
    second = read.tracklets.compiled().members[1]
    np.testing.assert_array_equal(second.rounds.message[0], tensors["tracklets.members.1.rounds_0_message"])
    assert sum(value.numel() for value in read.state_dict().values()) == sum(
        value.numel() for value in tensors.values()
    )
