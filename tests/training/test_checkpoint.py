"""Checkpoints hold everything that training needs, and nothing that can run."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file

from gnntrack.errors import DataError
from gnntrack.training.checkpoint import FORMAT, decode, encode, load_state, save_state

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
    state = {"step": 3, "state": {0: {"exp_avg": torch.randn(2, 3), "rows": np.arange(3)[::-1]}}, "name": "ünï"}
    save_state(tmp_path / "a.safetensors", state)
    again = load_state(tmp_path / "a.safetensors")
    assert torch.equal(again["state"][0]["exp_avg"], state["state"][0]["exp_avg"])
    assert again["state"][0]["rows"].tolist() == [2, 1, 0]
    assert (again["step"], again["name"]) == (3, "ünï")


def test_objects_are_refused():
    with pytest.raises(TypeError, match="cannot hold object"):
        encode({"a": object()}, {})


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"\x80\x04K\x01."])
def test_other_files_are_refused(tmp_path, content):
    path = tmp_path / "a.safetensors"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"a\.safetensors: .*safetensors file"):
        load_state(path)


@pytest.mark.parametrize(
    "state",
    [
        "",
        "3",
        "[]",
        "{}",
        '{"mapping": [1]}',
        '{"mapping": [[{"list": []}, 1]]}',
        '{"mapping": [["a", {"tensor": "9"}]]}',
        '{"mapping": [["a", {"tensor": [1]}]]}',
        '{"mapping": [["a", {"set": []}]]}',
        '{"mapping": {"a": 1}}',
        "[" * 100_000,
        '{"mapping": [["a", ' + "9" * 5_000 + "]]}",
    ],
)
def test_state_that_lies_is_refused(tmp_path, state):
    path = tmp_path / "a.safetensors"
    save_file({"0": torch.ones(1)}, path, {"format": FORMAT, "state": state})
    with pytest.raises(DataError, match=r"a\.safetensors:"):
        load_state(path)
