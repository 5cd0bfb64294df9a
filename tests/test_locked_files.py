"""One process writes a file at a time, and what a killed one left is in nobody's way."""

from __future__ import annotations

import threading

import pytest

from gnntrack.errors import DataError
from gnntrack.files import atomic_path, write_text


def test_what_a_killed_process_left_is_removed_by_the_next_that_writes_the_same_file(tmp_path):
    left, other = tmp_path / ".a.txt.gnntrack.partial", tmp_path / ".b.txt.gnntrack.partial"
    for path in (left, other):
        path.write_text("half")
    write_text(tmp_path / "a.txt", "whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == [other.name, "a.txt"]


def test_unfinished_files_of_living_processes_are_waited_for(tmp_path):
    target = tmp_path / "a.txt"
    order = []
    with atomic_path(target) as path:
        path.write_text("first")
        second = threading.Thread(target=lambda: (write_text(target, "second"), order.append("second")))
        second.start()
        second.join(0.2)
        assert path.read_text() == "first"
        order.append("first")
    second.join()
    assert order == ["first", "second"]
    assert target.read_text() == "second"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_an_unfinished_file_that_is_no_plain_file_is_refused(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    (tmp_path / ".a.txt.gnntrack.partial").symlink_to(tmp_path / "mine.txt")
    with pytest.raises(DataError, match="cannot write"):
        write_text(tmp_path / "a.txt", "x")
    assert (tmp_path / "mine.txt").read_text() == "mine"
