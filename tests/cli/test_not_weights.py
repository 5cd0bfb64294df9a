"""A training checkpoint given as weights: every verb says what it is, and names the weights beside it."""

from __future__ import annotations

import numpy as np
import pytest

from gnntrack.training.checkpoint import save_state

VERBS = {
    "track": ["track", "data", "-o", "out", "--weights"],
    "bench": ["bench", "data", "--peers", "none", "--weights"],
    "tune": ["tune", "data", "-o", "w.safetensors", "--weights"],
    "adapt": ["adapt", "data", "-o", "out", "--weights"],
    "train": ["train", "--dataset", "data", "-o", "out", "--start"],
    "inspect": ["inspect", "data/A", "--weights"],
    "explain": ["explain", "data/A", "--frame", "3", "--id", "1", "--weights"],
    "view": ["view", "data/A", "--tracks", "data/A/gt/gt.txt", "--graph", "--weights"],
    "export": ["export", "--onnx", "n.onnx", "--weights"],
    "warmup": ["warmup", "--weights"],
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_checkpoint_as_weights(gnntrack, root, weights, tmp_path, verb):
    save_state(tmp_path / "last.safetensors", {"run": {}, "current": {"steps": np.arange(3)}})
    weights.rename(tmp_path / "weights.safetensors")
    done = gnntrack(*VERBS[verb], "last.safetensors")
    assert (done.code, done.out) == (2, "")
    told = "the checkpoint of a training run, not weights; give weights.safetensors"
    assert done.err.splitlines()[-1] == f"error: last.safetensors: {told}"
