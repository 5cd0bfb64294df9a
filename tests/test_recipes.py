"""Recipes: found by name, checked, never executed."""

from __future__ import annotations

import pytest

from gnntrack import recipes
from gnntrack.datasets.recipe import DatasetRecipe
from gnntrack.errors import DataError, DataWarning
from gnntrack.losses.settings import LossSettings
from gnntrack.models import ModelRecipe


@pytest.mark.parametrize(
    ("kind", "schema"), [("datasets", DatasetRecipe), ("models", ModelRecipe), ("losses", LossSettings)]
)
def test_every_shipped_recipe_loads(kind, schema):
    assert recipes.names(kind)
    for name in recipes.names(kind):
        assert recipes.load(kind, name, schema).description, name


def test_working_directory_comes_first(tmp_path, monkeypatch):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "mpn.yaml").write_text("description: mine\n")
    monkeypatch.chdir(tmp_path)
    with pytest.warns(DataWarning, match=r"models/mpn\.yaml: used instead of the mpn that ships"):
        assert recipes.load("models", "mpn", ModelRecipe).description == "mine"


def test_a_recipe_of_the_working_directory_that_shadows_none_is_used_without_a_word(tmp_path, monkeypatch):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "own.yaml").write_text("description: mine\n")
    monkeypatch.chdir(tmp_path)
    assert recipes.load("models", "own", ModelRecipe).description == "mine"


@pytest.mark.parametrize("number", [".inf", ".nan", "-.inf"])
def test_numbers_are_finite(tmp_path, number):
    (tmp_path / "own.yaml").write_text(f"stages: [{{train: window, learning_rate: {number}}}]\n")
    with pytest.raises(DataError, match=r"stages\.0\.window\.learning_rate: Input should be"):
        recipes.load("models", str(tmp_path / "own.yaml"), ModelRecipe)


def test_path_is_taken_as_it_is(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text("graph: {window: 8, stride: 2, max_gap: 4}\n")
    assert recipes.load("models", str(path), ModelRecipe).graph.window == 8


def test_unknown_key_names_the_nearest(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text("graph: {windw: 8}\n")
    with pytest.raises(DataError, match=r"own\.yaml: unknown key 'graph\.windw'; did you mean 'window'\?"):
        recipes.load("models", str(path), ModelRecipe)


@pytest.mark.parametrize(
    ("stage", "remedy"),
    [
        ("{train: smoothing, step: 3}", "did you mean 'steps'?"),
        ("{train: smoothing, freeze: [boxes]}", "known: train, name, data, batch_size, .*, copies, noise"),
        ("{train: association, zoom: 3}", "known: train, .*, freeze, epochs"),
        ("{train: relinking, network: {hiden: 8}}", "did you mean 'hidden'?"),
    ],
)
def test_unknown_key_of_a_stage_names_those_of_the_stage(tmp_path, stage, remedy):
    path = tmp_path / "own.yaml"
    path.write_text(f"architecture: {{kind: association}}\nstages: [{stage}]\n")
    with pytest.raises(DataError, match=remedy.replace("?", "[?]")) as caught:
        recipes.load("models", str(path), ModelRecipe)
    assert ("clips" in str(caught.value)) == ("clips" in remedy)  # of relinking alone


def test_impossible_value_is_explained(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text("graph: {window: 8, stride: 7, max_gap: 4}\n")
    with pytest.raises(DataError, match="max_gap must not exceed window − stride"):
        recipes.load("models", str(path), ModelRecipe)


def test_unknown_name_names_the_nearest():
    with pytest.raises(DataError, match="no losses recipe 'unitrak'; did you mean 'unitrack'"):
        recipes.load("losses", "unitrak", LossSettings)


def test_yaml_tags_are_refused(tmp_path):
    canary = tmp_path / "canary"
    path = tmp_path / "bomb.yaml"
    path.write_text(f"description: !!python/object/apply:os.system ['touch {canary}']\n")
    with pytest.raises(DataError, match=r"bomb\.yaml:1"):
        recipes.load("models", str(path), ModelRecipe)
    assert not canary.exists()


@pytest.mark.parametrize("text", ["- a\n- b\n", "", "a: [1\n"])
def test_not_a_mapping(tmp_path, text):
    path = tmp_path / "odd.yaml"
    path.write_text(text)
    with pytest.raises(DataError, match=r"odd\.yaml"):
        recipes.load("models", str(path), ModelRecipe)


@pytest.mark.parametrize(
    "kind, schema", [("datasets", DatasetRecipe), ("models", ModelRecipe), ("losses", LossSettings)]
)
@pytest.mark.parametrize(
    "value", ["2024-13-45", "0b_", "1" * 5000, "!!bool maybe", "!!int ''", "[" * 900, "&a [*a]", "!!float x", ".inf: 1"]
)
def test_values_that_are_none_are_one_line(tmp_path, kind, schema, value):
    path = tmp_path / "own.yaml"
    path.write_text(f"description: {value}\n")
    with pytest.raises(DataError, match=r"own\.yaml") as caught:
        recipes.load(kind, str(path), schema)
    assert len(str(caught.value)) < 300 + len(str(path))


def test_an_error_does_not_spell_out_what_it_found(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(f"description: [{'[1, 2], ' * 1000}]\n")
    with pytest.raises(DataError, match=r"description: .* \(found \[\[1, 2\], ") as caught:
        recipes.load("models", str(path), ModelRecipe)
    assert len(str(caught.value)) < 300 + len(str(path))
