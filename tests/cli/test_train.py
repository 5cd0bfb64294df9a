"""``gnntrack train``: stages one after the other, from recipes of models and of training; what it refuses."""

from __future__ import annotations

import json

import pytest
import torch
from safetensors.torch import load_file

from gnntrack.models import TrackletNetworkSettings, load_weights
from tests.docs.layouts import mot

SMALL = "{clips: 1, length: 40, steps: 1, batch_size: 1, network: {members: 1, hidden: 4}}"
EVERYTHING = """\
architecture: {kind: association, hidden: 8, rounds: 1}
tracking: {births: {score: 0.0}, links: {threshold: 0.1}, offline: {minimum_length: 1}}
data: [street.yaml]
stages:
  - {train: association, loss: softmax, epochs: 1, steps: 2, batch_size: 2, length: 20}
  - {train: relinking, clips: 1, length: 40, steps: 2, batch_size: 1, network: {members: 1, hidden: 4}}
  - {train: smoothing, data: [{recipe: street.yaml, count: 2}], steps: 2, batch_size: 8, network: {hidden: 4}}
  - {train: association, name: seeing, freeze: [boxes], data: [seen.yaml], loss: softmax, epochs: 1, steps: 2,
     batch_size: 2, length: 20}
  - {train: relinking, name: relinking-seeing, freeze: [boxes], data: [seen.yaml], clips: 1, length: 40, steps: 2,
     batch_size: 1}
"""


@pytest.fixture
def recipe(tmp_path, street):
    """All stages of an association model, with the data that they learn from."""
    (tmp_path / "seen.yaml").write_text(street.read_text() + "embeddings: {dimension: 8}\n")
    (tmp_path / "all.yaml").write_text(EVERYTHING)
    return "./all.yaml"


def test_one_command_from_nothing_to_tracks(gnntrack, recipe, tmp_path):
    done = gnntrack("train", "--recipe", recipe, "-o", "run")
    assert done.code == 0, done.err
    stages = ["association", "relinking", "smoothing", "seeing", "relinking-seeing"]
    assert done.out == (
        "wrote run/weights.safetensors; metrics.csv and curves.png in "
        + ", ".join(f"{name}/" for name in stages)
        + "\n"
    )
    lines = [line for line in done.err.splitlines() if line.startswith("stage ")]
    assert [line.split(" (")[0] for line in lines] == [f"stage {n + 1} of 5: {name}" for n, name in enumerate(stages)]
    assert lines[2].endswith("(training videos: 2, validation videos: 0)")
    model, read = load_weights(tmp_path / "run" / "weights.safetensors")
    assert [stage.title for stage in read.stages] == stages
    assert read.architecture.appearance and read.architecture.tracklets.appearance
    assert read.architecture.smoothing.hidden == 4
    for mode in ("online", "offline"):
        tracking = ["track", tmp_path / "street", "--weights", "run/weights.safetensors", "-o", mode, "--mode", mode]
        assert gnntrack(*tracking).code == 0
    before = load_file(tmp_path / "run" / "smoothing" / "weights.safetensors")
    after = model.state_dict()
    assert all(torch.equal(tensor, after[name]) for name, tensor in before.items())
    assert after.keys() - before.keys() == {name for name in after if "appearance" in name.split(".")}
    manifest = json.loads((tmp_path / "run" / "gnntrack.manifest").read_text())
    named = {entry["name"] for entry in manifest["files"]}
    files = {str(path.relative_to(tmp_path / "run")) for path in (tmp_path / "run").rglob("*") if path.is_file()}
    assert files - {"gnntrack.manifest"} == named and manifest["complete"]


def test_it_goes_on_with_weights(gnntrack, street, association, tmp_path):
    """A training recipe brings stages; all else is that of the weights, thresholds included."""
    (tmp_path / "more.yaml").write_text(f"stages: [{SMALL.replace('{', '{train: relinking, ', 1)}]\n")
    command = ["train", "--start", association, "--dataset", street, "-o"]
    done = gnntrack(*command, "run", "--recipe", "more.yaml")
    assert done.code == 0, done.err
    model, recipe = load_weights(tmp_path / "run" / "weights.safetensors")
    before = load_weights(association)
    assert len(model.tracklets.members) == 1
    assert recipe.tracking == before[1].tracking
    assert [stage.clips for stage in recipe.stages] == [1]
    assert all(torch.equal(tensor, model.state_dict()[name]) for name, tensor in before[0].state_dict().items())
    done = gnntrack(*command, "own")  # the stages that the weights were trained with
    assert done.code == 0, done.err
    again = load_weights(tmp_path / "own" / "weights.safetensors")[0]
    assert len(again.tracklets.members) == TrackletNetworkSettings().members


@pytest.mark.parametrize("name", ["tune", "appearance"])
def test_a_training_recipe_alone_makes_no_model(gnntrack, street, name):
    done = gnntrack("train", "--recipe", name, "--dataset", street, "-o", "run")
    assert done.code == 2
    assert done.err.endswith("error: the recipe names no model; begin from weights, with --start\n")


@pytest.mark.parametrize(
    ("recipe", "error"),
    [
        ("stages: [relinking]\n", "the stage relinking trains nothing in models of kind message_passing"),
        ("architecture: {kind: association}\nstages: [relinking]\n", "the stage relinking needs a network that tracks"),
        (
            "architecture: {kind: association}\nstages: [association, association]\n",
            "two stages are called association",
        ),
        ("graph: {window: 6}\nstages: [{train: window, freeze: [boxes]}]\n", "unknown key 'stages.0.window.freeze'"),
        ("data: [../street.yaml]\n", "data.0.recipe: Value error, leads out of the recipe's folder"),
        ("data: [there/street.yaml]\n", "there/street.yaml: no such file"),
        ("stages: [window]\ngraph: {}\n", "no data set for the stage window"),
        ("training: {epochs: 3}\n", "unknown key 'training'; it is stages now"),
        (
            "training: {learn: appearance}\n",
            "unknown key 'training.learn'; it is freeze of a stage ([boxes] for appearance",
        ),
    ],
)
def test_what_a_recipe_cannot_ask_for(gnntrack, street, tmp_path, recipe, error):
    (tmp_path / "r.yaml").write_text(recipe)
    told = [] if "data" in error or "folder" in error or "there" in error else ["--dataset", street]
    start = ["--start", "w.safetensors"] if recipe.startswith("stages: [relinking") else []
    if start:
        from gnntrack.models import ModelRecipe, build_model, save_weights

        save_weights(tmp_path / "w.safetensors", build_model(ModelRecipe()), ModelRecipe())
    done = gnntrack("train", "--recipe", "./r.yaml", *told, *start, "-o", "run")
    assert done.code == 2
    assert error in done.err
    assert not (tmp_path / "run").exists()


def test_weights_of_another_kind_of_model(gnntrack, street, weights):
    done = gnntrack("train", "--recipe", "tune", "--start", weights, "--dataset", street, "-o", "run")
    assert done.code == 2
    assert "the stage association trains nothing in models of kind message_passing" in done.err


def test_paths_beside_a_recipe_do_not_travel_with_weights(gnntrack, recipe):
    assert gnntrack("train", "--recipe", recipe, "-o", "run").code == 0
    done = gnntrack("train", "--start", "run/weights.safetensors", "-o", "more")
    assert done.code == 2
    assert "street.yaml lies beside the recipe that the weights were trained with" in done.err


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (["--accelerator", "abacus"], "error: accelerator abacus, devices 1: "),
        (["--devices", "none"], "error: accelerator cpu, devices none: "),
    ],
)
def test_a_device_that_is_not_there(gnntrack, street, tmp_path, options, error):
    done = gnntrack("train", "--dataset", street, "-o", "run", *options)
    assert done.code == 2
    assert done.err.splitlines()[-1].startswith(error)
    assert not (tmp_path / "run").exists()


@pytest.fixture
def own(tmp_path):
    """A folder of five videos, without a recipe."""
    mot(tmp_path / "own", *"abcde")
    return tmp_path / "own"


MORE = "stages: [{train: association, loss: softmax, epochs: 1, steps: 1, batch_size: 1, length: 20}]\n"


def test_from_a_folder_of_videos_to_what_it_was_worth(gnntrack, own, association, tmp_path):
    (tmp_path / "more.yaml").write_text(MORE)
    command = ("train", "--start", association, "--recipe", "./more.yaml", "--dataset", own, "-o", "run")
    done = gnntrack(*command, "--held-out", "[ab]")
    assert done.code == 0, done.err
    assert f"{own}: held out a, b (--held-out chooses)" in done.err
    assert "stage 1 of 1: association (training videos: 3, validation videos: 2)" in done.err
    first, online, offline, note, wrote = done.out.splitlines()
    assert first.startswith("held-out videos (2), means [95 % interval] over videos; so few")
    assert online.startswith("  online: HOTA ") and offline.startswith("  offline: HOTA ")
    assert note.startswith("they also chose which epochs are kept") and wrote.startswith("wrote run/weights")
    text = (tmp_path / "run" / "held-out.md").read_text()
    assert "| trained, offline |" in text and "| gain on start |" in text
    assert gnntrack(*command, "--overwrite").code == 0  # all files are known to be of a run


def test_the_last_weights_of_windows_are_kept_and_held_out_videos_chose_nothing(gnntrack, own, weights):
    command = ("train", "--start", weights, "--dataset", own, "--held-out", "[ab]", "-o", "run", "--epochs", 1)
    done = gnntrack(*command)
    assert done.code == 0, done.err
    assert "window, kept the last weights: validation is shown, and chooses none" in done.err
    assert "held-out videos (2)" in done.out and "chose which epochs" not in done.out


def test_nothing_is_known_where_nothing_is_held_out(gnntrack, own, association, tmp_path):
    (tmp_path / "more.yaml").write_text(MORE)
    command = ("train", "--start", association, "--recipe", "./more.yaml", "-o", "run")
    done = gnntrack(*command, "--dataset", own / "a")
    assert done.code == 0, done.err
    assert "held out nothing: there is one video" in done.err
    assert "association, kept the last weights: nothing was validated" in done.err
    assert done.out.startswith("no video was held out, so what this is worth on other videos is not known\n")
    assert not (tmp_path / "run" / "held-out.md").exists()


def test_options_of_folders_are_refused_elsewhere(gnntrack, own, street, association, tmp_path):
    (tmp_path / "more.yaml").write_text(MORE)
    command = ("train", "--start", association, "--recipe", "./more.yaml", "-o", "run")
    for more, problem in (
        (("--dataset", street, "--held-out", "a"), "--held-out is for folders of videos, and no --dataset is one"),
        (("--dataset", own, "--root", tmp_path), "--root with folders of videos, which it does not lead to"),
        (("--dataset", own, "--held-out", "z"), "--held-out 'z'; found a, b, c, d, e"),
    ):
        done = gnntrack(*command, *more)
        assert (done.code, done.out) == (2, ""), done.err
        assert problem in done.err and not (tmp_path / "run").exists()
