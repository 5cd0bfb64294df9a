"""A file or folder given as weights that is none: the line says what it is, and what to take instead."""

from __future__ import annotations

import numpy as np
import pytest

from gnntrack import Tracker
from gnntrack.errors import DataError
from gnntrack.models import ModelRecipe, build_model, load_for_tracking, load_weights, save_weights
from gnntrack.training.checkpoint import save_state

READERS = [load_weights, load_for_tracking, Tracker.from_pretrained]


def refused(read, path, text):
    with pytest.raises(DataError) as caught:
        read(path)
    assert str(caught.value) == text
    return caught.value


@pytest.fixture
def run(tmp_path):
    """A run folder that holds a checkpoint alone; counts in it are tensors that weights cannot be."""
    (tmp_path / "run").mkdir()
    save_state(tmp_path / "run" / "last.safetensors", {"run": {"seed": 0}, "current": {"steps": np.arange(3)}})
    return tmp_path / "run"


@pytest.mark.parametrize("read", READERS)
def test_a_checkpoint_of_a_finished_run(run, read):
    save_weights(run / "weights.safetensors", build_model(ModelRecipe()), ModelRecipe())
    path = run / "last.safetensors"
    refused(read, path, f"{path}: the checkpoint of a training run, not weights; give {run / 'weights.safetensors'}")


@pytest.mark.parametrize("read", READERS)
def test_a_checkpoint_of_a_run_that_was_stopped(run, read):
    path = run / "last.safetensors"
    remedy = "go on with the run (--resume): at its end it writes weights.safetensors beside this file"
    refused(read, path, f"{path}: the checkpoint of a training run, not weights; {remedy}")


@pytest.mark.parametrize("read", READERS)
def test_a_saved_tracker(tmp_path, read):
    tracker = Tracker.from_pretrained("default", warmup=False)
    tracker.save(tmp_path / "t.safetensors")
    path = tmp_path / "t.safetensors"
    refused(read, path, f"{path}: a saved tracker, not weights; read it with Tracker.load")


def test_a_run_folder(run, monkeypatch):
    refused(load_weights, run, f"{run}: a folder, not a file of weights; name a file in it")
    save_weights(run / "weights.safetensors", build_model(ModelRecipe()), ModelRecipe())
    refused(load_weights, run, f"{run}: a folder, not a file of weights; give {run / 'weights.safetensors'}")
    monkeypatch.chdir(run.parent)
    refused(load_weights, "./run", "run: a folder, not a file of weights; give run/weights.safetensors")
    refused(load_weights, "run", "no shipped weights 'run'; give the path of your own: run/weights.safetensors")
