"""``gnntrack recipe`` and ``--set``."""

from __future__ import annotations

import pytest
import yaml


def test_list_names_every_kind(gnntrack):
    out = gnntrack("recipe", "list").out
    assert all(
        f"\n{line}" in f"\n{out}" for line in ("datasets/sample: ", "models/mpn: ", "losses/bce: ", "training/tune: ")
    )
    assert gnntrack("recipe", "list", "--kind", "training").out.count("\n") == 3


def test_show_check_new(gnntrack, tmp_path):
    assert gnntrack("recipe", "new", "mine.yaml", "--from", "tune").code == 0
    assert gnntrack("recipe", "check", "mine.yaml").out.startswith("mine.yaml: a right recipe of training/")
    shown = gnntrack("recipe", "show", "mine.yaml", "--set", "stages.relinking.steps=7").out
    assert yaml.safe_load(shown)["stages"][1]["steps"] == 7
    (tmp_path / "mine.yaml").write_text("stages: [{train: relinking, step: 3}]")
    done = gnntrack("recipe", "check", "mine.yaml")
    assert (done.code, done.err) == (
        2,
        "error: mine.yaml: unknown key 'stages.0.relinking.step'; did you mean 'steps'?\n",
    )


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("epochs", "write KEY=VALUE"),
        ("=3", "write KEY=VALUE"),
        ("stages.windw.epochs=3", "did you mean 'window'?"),
        ("stages.window.epochs=x", "valid integer"),
        ("stages.window.epochs=*a", "plain YAML"),
        ("stages.window.epochs=!!python/name:os.system 3", "plain YAML"),
        ("tracking.relinking.crowd=3", "does nothing for models of kind message_passing"),
    ],
)
def test_a_wrong_change_is_one_line(gnntrack, change, problem):
    done = gnntrack("train", "--recipe", "mpn", "--dataset", "sample", "-o", "run", "--set", change)
    assert done.code == 2
    assert problem in done.err
    assert done.err.count("\n") == 1


def test_a_change_twice(gnntrack):
    done = gnntrack("recipe", "show", "tune", "--set", "description=a", "--set", "description=b")
    assert (done.code, done.err) == (2, "error: --set 'description' stands twice; leave one out\n")


def test_train_obeys(gnntrack, tmp_path):
    changes = ("--set", "stages.window.epochs=1", "--set", "architecture.hidden=8", "--set", "graph.neighbours=1")
    done = gnntrack("train", "--recipe", "mpn", "--dataset", "sample", "-o", "run", *changes)
    assert done.code == 0, done.err
    assert "epoch 1/1" in done.err
    from gnntrack.models import load_weights

    recipe = load_weights(tmp_path / "run" / "weights.safetensors")[1]
    assert recipe.architecture.hidden == 8
    assert recipe.stages[0].epochs == 1


def test_a_recipe_that_names_one_other(gnntrack):
    gnntrack("recipe", "new", "mine.yaml", "--from", "association")
    assert (
        gnntrack("recipe", "check", "mine.yaml").out == "mine.yaml: a right recipe of models/; so is unitrack-light\n"
    )
