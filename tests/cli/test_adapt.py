"""``gnntrack adapt``: from boxes without annotations to weights, and what it refuses."""

from __future__ import annotations

import pytest
import torch

from gnntrack.models import load_weights

SMALL = """\
stages:
  - {train: association, labels: tracks, loss: softmax, epochs: 1, steps: 2, batch_size: 2, length: 10, window: 2,
     augmentation: {overlay: 0, skip: 1}}
"""


@pytest.fixture(autouse=True)
def few_checks(monkeypatch, tmp_path):
    monkeypatch.setattr("gnntrack.training.adaptation.CHECKS", 3)
    (tmp_path / "small.yaml").write_text(SMALL)


def test_weights_are_adapted_and_track(gnntrack, street, association, tmp_path):
    done = gnntrack("adapt", tmp_path / "street", "--weights", association, "--recipe", "./small.yaml", "-o", "adapted")
    assert done.code == 0, done.err
    assert done.out == "wrote adapted/weights.safetensors; metrics.csv and curves.png in association/\n"
    assert done.err.startswith(f"weights: {association}\nstage 1 of 1: association (training videos: 1, ")
    assert "association, kept the weights of " in done.err.splitlines()[-1]
    _, recipe = load_weights(tmp_path / "adapted" / "weights.safetensors")
    assert recipe.tracking == load_weights(association)[1].tracking
    tracking = ["track", tmp_path / "street", "--weights", "adapted/weights.safetensors", "-o", "tracks"]
    assert gnntrack(*tracking).code == 0


def test_annotations_are_not_looked_at(gnntrack, street, association, tmp_path):
    command = ["adapt", tmp_path / "street", "--weights", association, "--recipe", "./small.yaml", "-o"]
    assert gnntrack(*command, "one").code == 0
    (tmp_path / "street" / "pass" / "gt" / "gt.txt").unlink()
    assert gnntrack(*command, "other").code == 0
    one, other = (load_weights(tmp_path / name / "weights.safetensors")[0].state_dict() for name in ("one", "other"))
    assert all(torch.equal(tensor, other[name]) for name, tensor in one.items())


def test_what_is_refused_in_one_line(gnntrack, street, association, weights, tmp_path):
    (tmp_path / "taught.yaml").write_text("stages: [association]\n")
    (tmp_path / "few.txt").write_text("1,-1,50,60,20,50,1\n2,-1,51,60,20,50,1\n")
    small = ["--recipe", "./small.yaml", "-o", "run"]
    for arguments, message in [
        (["street", "--weights", association, "--recipe", "./taught.yaml", "-o", "run"], "learns from annotations"),
        (["few.txt", "--weights", association, *small], "too few boxes to adapt to"),
        (["street", "--weights", weights, *small], "trains nothing in models of kind message_passing"),
        (["street", "--weights", "defualt", *small], "defualt"),
        (["nowhere", "--weights", association, *small], "nowhere"),
    ]:
        done = gnntrack("adapt", *arguments)
        assert done.code == 2 and done.out == ""
        assert done.err.splitlines()[-1].startswith("error: ") and message in done.err.splitlines()[-1], done.err
        assert not (tmp_path / "run").exists()


def test_a_new_network_does_not_teach_itself(gnntrack, tmp_path):
    text = "architecture: {kind: association, hidden: 8, rounds: 1}\n" + SMALL
    (tmp_path / "new.yaml").write_text(text)
    done = gnntrack("train", "--recipe", "./new.yaml", "--dataset", "sample", "-o", "run")
    assert done.code == 2
    assert "learns from its own tracks, which it cannot make yet; begin from weights, with --start" in done.err


def test_resuming_what_is_finished_says_so(gnntrack, street, association, tmp_path):
    command = ["adapt", tmp_path / "street", "--weights", association, "--recipe", "./small.yaml", "-o", "adapted"]
    assert gnntrack(*command).code == 0
    done = gnntrack(*command, "--resume")
    assert (done.code, done.out) == (0, "adapted: finished before, with the same settings\n")
