"""Recipes as files: what is shown can be read again, what is named is checked."""

from __future__ import annotations

from typing import get_args

import pytest
import yaml

from gnntrack import recipes
from gnntrack.errors import DataError
from gnntrack.recipes import Kind
from gnntrack.training.recipe_files import SCHEMAS, begin_recipe, check_named, open_recipe

SHIPPED = [(kind, name) for kind in get_args(Kind) for name in recipes.names(kind)]


@pytest.mark.parametrize(("kind", "name"), SHIPPED)
def test_what_is_shown_can_be_read_again(kind, name, tmp_path):
    found = open_recipe(name, kind)
    check_named(found)
    content = yaml.safe_load(found.as_yaml())
    assert recipes.parse(content, SCHEMAS[kind]) == found.settings
    path = tmp_path / "copy.yaml"
    path.write_text(found.as_yaml())
    assert open_recipe(str(path)).kind == kind  # its keys tell


def test_a_copy_is_the_text(tmp_path):
    made = begin_recipe(tmp_path / "mine.yaml", "association")
    assert made.path.read_text() == recipes.find("models", "association").read_text()
    with pytest.raises(DataError, match="output exists"):
        begin_recipe(made.path, "association")


def test_files_beside_a_recipe_are_not_left_behind(tmp_path):
    with pytest.raises(DataError, match="lie beside it"):
        begin_recipe(tmp_path / "mine.yaml", "default")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("stages: [{train: association, loss: sofmax}]", "softmax"),
        ("{stages: [association], data: [sampel]}", "sample"),
        ("{stages: [association], data: [beside.yaml]}", "no such file"),
    ],
)
def test_what_a_recipe_names_is_checked(tmp_path, text, problem):
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(DataError, match=problem):
        check_named(open_recipe(str(path)))


def test_a_file_whose_keys_tell_nothing(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("description: x")
    with pytest.raises(DataError, match="say --kind"):
        open_recipe(str(path))
    assert open_recipe(str(path), "models").settings.description == "x"


def test_a_name_that_two_kinds_have(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "losses").mkdir()
    (tmp_path / "losses" / "sample.yaml").write_text("link: {kind: bce}")
    with pytest.raises(DataError, match="datasets and losses"):
        open_recipe("sample")
    assert open_recipe("sample", "losses").kind == "losses"
