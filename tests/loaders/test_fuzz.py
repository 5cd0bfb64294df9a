"""Mutated files: every loader gives a value or one line of text, nothing else."""

import json

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file

from gnntrack import DataError
from gnntrack.loaders.ini import read_ini
from gnntrack.loaders.json_text import read_json
from gnntrack.loaders.npy import read_npy
from gnntrack.loaders.torch_tensors import read_safetensors
from gnntrack.loaders.yaml_text import read_yaml
from tests.conftest import benchmark_module

MUTATION = benchmark_module("mutation")
LOADERS = {
    "a.yaml": read_yaml,
    "a.json": read_json,
    "a.ini": read_ini,
    "a.npy": read_npy,
    "a.safetensors": read_safetensors,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A sound file for every loader."""
    root = tmp_path_factory.mktemp("sound")
    (root / "a.yaml").write_text("description: a street\nboxes: [annotations]\ngraph: {window: 8, gap: 0.5}\n")
    (root / "a.json").write_text(json.dumps({"frames": [{"name": "a", "box": [1, 2.5, None, True]}] * 3}))
    (root / "a.ini").write_text("[Sequence]\nname=a\nframeRate=25\nseqLength=30\n; a comment\n")
    np.save(root / "a.npy", np.ones((3, 4), dtype=np.float32))
    save_file({"a": torch.ones(2, 2), "b": torch.zeros(3)}, root / "a.safetensors", {"recipe": '{"a": [1, {"b": 2}]}'})
    return root


@pytest.mark.parametrize("name", LOADERS)
@settings(max_examples=150)
@given(seed=st.integers(0, 2**32))
def test_a_mutated_file_is_a_value_or_one_line(name, seed, folder):
    original = (folder / name).read_bytes()
    path = folder / f"mutated-{name}"
    path.write_bytes(MUTATION.mutate_file(path, original, np.random.default_rng(seed)))
    try:
        LOADERS[name](path)
    except DataError as error:
        assert str(error).isprintable()
        assert len(str(error)) < 600
