"""Data sets that recipes and commands name."""

from __future__ import annotations

import pytest

from gnntrack.errors import DataError
from gnntrack.losses import build_loss
from gnntrack.models import load_weights
from gnntrack.training.reading import DataReader, load_recipe, stage_data
from tests.docs.layouts import mot


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("inside", [True, False])
def test_root_is_what_every_recipe_is_relative_to(tmp_path, monkeypatch, count, inside):
    """Of one recipe as of several; without it that is the working folder."""
    names = ["street", "square"][:count]
    for name in names:
        mot(tmp_path / "data" / name, f"{name}-1")
        (tmp_path / f"{name}.yaml").write_text(f"root: {name}\n")
    recipes = [str(tmp_path / f"{name}.yaml") for name in names]
    monkeypatch.chdir(tmp_path / "data" if inside else tmp_path)
    found, _ = DataReader(None if inside else tmp_path / "data").joined(recipes)
    assert [item.sequence.name for item in found] == [f"{name}-1" for name in names]


def test_a_root_that_is_the_data_set_itself(tmp_path):
    mot(tmp_path / "street", "street-1")
    (tmp_path / "street.yaml").write_text("root: street\n")
    with pytest.raises(DataError, match="street/street"):
        DataReader(tmp_path / "street").read(str(tmp_path / "street.yaml"))


def test_a_root_that_has_no_effect_is_refused(tmp_path):
    """The sample lies inside an installed package; beside other sets the root counts for these."""
    recipe, folder = load_recipe("mpn")
    with pytest.raises(DataError, match=r"--root with the sample alone, .*; leave it out, or name another data set"):
        stage_data(recipe, folder, DataReader(tmp_path), ["sample"])
    mot(tmp_path / "street", "street-1")
    (tmp_path / "street.yaml").write_text("root: street\n")
    assert stage_data(recipe, folder, DataReader(tmp_path), ["sample", str(tmp_path / "street.yaml")])


def test_a_set_that_counts_twice_is_read_once(tmp_path):
    """Sets are shared between stages, in the order in which the recipe names them."""
    for name in ("street", "square"):
        mot(tmp_path / "data" / name, f"{name}-1")
        (tmp_path / f"{name}.yaml").write_text(f"root: {name}\n")
    (tmp_path / "recipe.yaml").write_text(
        "architecture: {kind: association}\ndata: [street.yaml, {recipe: square.yaml, count: 2}]\n"
        "stages: [association, {train: relinking, data: [square.yaml]}, smoothing]\n"
    )
    recipe, folder = load_recipe(str(tmp_path / "recipe.yaml"))
    one, two, three = stage_data(recipe, folder, DataReader(tmp_path / "data"))
    assert [item.sequence.name for item in one.training] == ["street-1", "square-1", "square-1"]
    assert one.training[1] is one.training[2] is two.training[0]
    assert three.training is one.training
    assert one.loss is not None and two.loss is None
    own, *others = stage_data(recipe, folder, DataReader(tmp_path / "data"), [str(tmp_path / "square.yaml")])
    assert [item.sequence.name for item in own.training] == ["square-1"]
    assert all(other.training is own.training for other in others)


@pytest.mark.parametrize("name", ["default", "association", "mpn", "tune", "appearance"])
def test_shipped_recipes_are_whole(name):
    """Every data set that they name is there, and every loss."""
    recipe, folder = load_recipe(name)
    for stage in recipe.stages:
        for item in stage.data or recipe.data:
            assert (folder / item.recipe).is_file()
        assert not hasattr(stage, "loss") or build_loss(stage.loss)


def test_the_recipe_of_the_weights_that_ship_has_their_thresholds():
    shipped, recipe = load_weights("default")[1], load_recipe("default")[0]
    assert recipe.tracking == shipped.tracking
    assert recipe.graph == shipped.graph
    seeing = {
        "appearance": True,
        "tracklets": shipped.architecture.tracklets,
        "smoothing": shipped.architecture.smoothing,
    }
    assert recipe.architecture.model_copy(update=seeing) == shipped.architecture
