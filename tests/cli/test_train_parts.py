"""``gnntrack train-tracklets`` and ``train-smoothing``: add a network to weights; refuse what they cannot use."""

from __future__ import annotations

import pytest
import torch

from gnntrack.models import (
    TrackletNetworkSettings,
    load_weights,
)

KIND = "architecture: {kind: association}\n"


def test_adds_a_network(gnntrack, street, association, tmp_path):
    assert load_weights(association)[0].tracklets is None
    command = ["train-tracklets", association, "--dataset", street, "-o", "both.safetensors"]
    done = gnntrack(*command)
    assert done.code == 0, done.err
    assert done.out.endswith("wrote both.safetensors\n")
    model, recipe = load_weights(tmp_path / "both.safetensors")
    assert len(model.tracklets.members) == TrackletNetworkSettings().members
    assert recipe.architecture.tracklets == TrackletNetworkSettings()
    for mode in ("online", "offline"):
        tracking = ["track", tmp_path / "street", "--weights", "both.safetensors", "-o", mode, "--mode", mode]
        assert gnntrack(*tracking).code == 0
    done = gnntrack(*command)
    assert done.code == 2
    assert "both.safetensors" in done.err
    assert gnntrack(*command, "--overwrite").code == 0


def test_another_recipe_may_say_how(gnntrack, street, association, tmp_path):
    quick = (
        KIND
        + "training: {tracklets: {clips: 1, length: 40, steps: 1, batch_size: 1, network: {members: 1, hidden: 4}}}\n"
    )
    (tmp_path / "quick.yaml").write_text(quick)
    command = ["train-tracklets", association, "--dataset", street, "-o", "both.safetensors", "--model", "quick.yaml"]
    assert gnntrack(*command).code == 0
    model, recipe = load_weights(tmp_path / "both.safetensors")
    assert len(model.tracklets.members) == 1
    assert recipe.training.tracklets.clips == 1
    assert recipe.tracking == load_weights(association)[1].tracking


@pytest.mark.parametrize("verb", ["train-tracklets", "train-smoothing"])
def test_other_networks_are_refused(gnntrack, street, weights, verb):
    done = gnntrack(verb, weights, "--dataset", street, "-o", "both.safetensors")
    assert done.code == 2
    assert "the weights are of a message_passing network" in done.err
    assert "give weights of an association network" in done.err


def test_both_parts_stay_with_each_other(gnntrack, street, association, tmp_path):
    """Whatever the order, weights keep the part that they have."""
    quick = (
        KIND
        + "training: {smoothing: {steps: 2, network: {hidden: 4}}, tracklets: {clips: 1, steps: 1, batch_size: 1}}\n"
    )
    (tmp_path / "quick.yaml").write_text(quick)
    options = ["--dataset", street, "--model", "quick.yaml", "-o"]
    done = gnntrack("train-smoothing", association, *options, "one.safetensors")
    assert done.code == 0, done.err
    assert done.out.endswith("wrote one.safetensors\n")
    assert gnntrack("train-tracklets", "one.safetensors", *options, "both.safetensors").code == 0
    assert gnntrack("train-smoothing", "both.safetensors", *options, "again.safetensors").code == 0
    model, recipe = load_weights(tmp_path / "again.safetensors")
    assert model.tracklets is not None
    assert model.smoothing is not None
    assert recipe.architecture.smoothing.hidden == 4


def test_weights_learn_to_look_at_embeddings(gnntrack, street, association, tmp_path):
    """Both commands in turn; how everything else was learned stays in the recipe."""
    (tmp_path / "eyes.yaml").write_text(
        "architecture: {kind: association}\n"
        "training: {learn: appearance, epochs: 1, batch_size: 2, rollout: {length: 20, steps: 2},"
        " tracklets: {clips: 1, length: 40, steps: 1, batch_size: 1}}\n"
    )
    with street.open("a") as recipe_file:
        recipe_file.write("embeddings: {dimension: 8}\n")
    assert gnntrack("train-tracklets", association, "--dataset", street, "-o", "both.safetensors").code == 0
    told = ["--dataset", street, "--model", "eyes.yaml"]
    done = gnntrack("train", "--start", "both.safetensors", "--loss", "softmax", *told, "-o", "run")
    assert done.code == 0, done.err
    done = gnntrack("train-tracklets", "run/weights.safetensors", *told, "-o", "seeing.safetensors")
    assert done.code == 0, done.err
    before, _ = load_weights(tmp_path / "both.safetensors")
    after, recipe = load_weights(tmp_path / "seeing.safetensors")
    assert recipe.training == load_weights(association)[1].training
    assert recipe.architecture.appearance and recipe.architecture.tracklets.appearance
    new = after.state_dict()
    assert all(torch.equal(tensor, new[name]) for name, tensor in before.state_dict().items())
    assert all("appearance" in name for name in new.keys() - before.state_dict().keys())
