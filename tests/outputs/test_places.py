"""Places that no output folder may take, however they are spelled."""

from __future__ import annotations

from pathlib import Path

import pytest

from gnntrack.errors import DataError
from gnntrack.outputs.places import check_place


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """``home/me/{data/A, work}``; the home is me, the working folder is work."""
    for name in ("home/me/data/A", "home/me/desk"):
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.setenv("HOME", str(tmp_path / "home" / "me"))
    monkeypatch.chdir(tmp_path / "home" / "me" / "desk")
    (tmp_path / "to-home").symlink_to(tmp_path / "home" / "me")
    (tmp_path / "to-data").symlink_to(tmp_path / "home" / "me" / "data")
    (tmp_path / "to-nothing").symlink_to(tmp_path / "nothing")
    return tmp_path


REFUSED = {
    "/": "is the root folder",
    "/..": "is the root folder",
    "{tree}/home/me": "is or holds the home folder",
    "{tree}/home/me/": "is or holds the home folder",
    "{tree}/home": "is or holds the home folder",
    "{tree}/to-home": "is or holds the home folder",
    "{tree}/to-home/": "is or holds the home folder",
    "{tree}/home/me/desk/..": "is or holds the home folder",
    "..": "is or holds the home folder",
    ".": "is or holds the working folder",
    "../desk": "is or holds the working folder",
    "{tree}/home/me/data": "is or holds the input",
    "{tree}/to-data": "is or holds the input",
    "../data/A/..": "is or holds the input",
    "{tree}/home/me/data/A": "lies in the input",
    "{tree}/to-data/A/": "lies in the input",
    "../data/A/new": "lies in the input",
    "{tree}/to-data/deep/new": "lies in the input",
    "{tree}/to-nothing": "is a link to nothing",
    "/dev/null": "is no folder",
}


@pytest.mark.parametrize("place", REFUSED)
def test_such_a_place_is_refused(tree, place):
    given = place.format(tree=tree)
    with pytest.raises(DataError, match=REFUSED[place]) as caught:
        check_place(given, [tree / "home" / "me" / "data"])
    assert str(caught.value).startswith(str(Path(given)))


def test_around_a_source_that_lies_deeper(tree):
    with pytest.raises(DataError, match="is or holds the input"):
        check_place("../data", [tree / "to-data" / "A"])


def test_other_places_are_made_real(tree):
    data = tree / "home" / "me" / "data"
    assert check_place("out", [data]) == tree / "home" / "me" / "desk" / "out"
    assert check_place(tree / "to-home" / "out", [data]) == tree / "home" / "me" / "out"
    assert check_place("../data-2", [data, "TUD-Campus"]) == tree / "home" / "me" / "data-2"
    single = data / "gt.txt"
    single.write_text("1")
    assert check_place(data / "out", [single]) == data / "out"
