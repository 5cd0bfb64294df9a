"""Checkpoints hold everything that training needs, and nothing that can run."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gnntrack.errors import DataError
from gnntrack.training.checkpoint import SafetensorsCheckpoints, decode, encode

keys = st.one_of(st.integers(), st.text(max_size=5), st.booleans())
leaves = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=9))
states = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.tuples(inner, inner), st.dictionaries(keys, inner, max_size=3)
    ),
    max_leaves=12,
)


@given(states)
def test_nested_state_round_trips(state):
    tensors: dict[str, torch.Tensor] = {}
    assert decode(encode(state, tensors), tensors) == state


def test_file_round_trip(tmp_path):
    state = {"step": 3, "state": {0: {"exp_avg": torch.randn(2, 3), "step": torch.tensor(3.0)}}, "name": "ünï"}
    plugin = SafetensorsCheckpoints()
    plugin.save_checkpoint(state, tmp_path / "a.safetensors")
    again = plugin.load_checkpoint(tmp_path / "a.safetensors")
    assert torch.equal(again["state"][0]["exp_avg"], state["state"][0]["exp_avg"])
    assert (again["step"], again["name"]) == (3, "ünï")


def test_objects_are_refused():
    with pytest.raises(TypeError, match="cannot hold object"):
        encode({"a": object()}, {})


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"\x80\x04K\x01."])
def test_other_files_are_refused(tmp_path, content):
    path = tmp_path / "a.safetensors"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"not readable as a checkpoint.*expected a safetensors file"):
        SafetensorsCheckpoints().load_checkpoint(path)
