"""Options that several verbs share."""

from __future__ import annotations

import pytest

from gnntrack.cli.options import read_sets
from gnntrack.errors import DataError
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
    found = read_sets(recipes, None if inside else tmp_path / "data", "training")
    assert [item.sequence.name for item in found] == [f"{name}-1" for name in names]


def test_a_root_that_is_the_data_set_itself(tmp_path):
    mot(tmp_path / "street", "street-1")
    (tmp_path / "street.yaml").write_text("root: street\n")
    with pytest.raises(DataError, match="street/street"):
        read_sets([str(tmp_path / "street.yaml")], tmp_path / "street", "training")
