"""Arrays in temporary files: the same values, no file that stays, a full disk in one line."""

from __future__ import annotations

import errno
import os
from itertools import pairwise

import numpy as np
import pytest

from gnntrack import scratch
from gnntrack.errors import DataError
from gnntrack.scratch import Scratch
from tests.conftest import make_sequence


@pytest.fixture
def files(monkeypatch, tmp_path):
    """All arrays lie in files of a folder of the test."""
    monkeypatch.setattr(scratch, "LARGEST_IN_MEMORY", 0)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("value", [0, -1, 2.5])
def test_values_stay_when_memory_is_let_go(files, value):
    made = Scratch(rows=7)
    array = made.full((20, 3), value, np.float64)
    assert (array == value).all() and array.shape == (20, 3)
    array[5:9] = 7
    scratch.release()
    assert (array[5:9] == 7).all() and (array[9:] == value).all()
    assert list(files.iterdir()) == []  # the file has no name


def test_arrays_without_rows(files):
    assert Scratch().full((0, 4), 1, np.int64).shape == (0, 4)
    assert list(Scratch().parts(np.zeros(0))) == []


def test_a_full_disk_is_one_line(files, monkeypatch):
    def full(*_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(DataError) as caught:
        Scratch().empty(2**20, np.float64)
    line = f"{files}: no room for 8 MB of intermediate results: No space left on device"
    assert str(caught.value) == f"{line}; set TMPDIR to a folder on a larger disk"


def test_no_folder_at_all_is_one_line(monkeypatch):
    def nowhere() -> None:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp', '/var/tmp']")

    monkeypatch.setattr("tempfile.gettempdir", nowhere)
    monkeypatch.setattr(scratch, "LARGEST_IN_MEMORY", 0)
    with pytest.raises(DataError) as caught:
        Scratch().empty(2**20, np.float64)
    line = "no room for 8 MB of intermediate results: No usable temporary directory found in ['/tmp', '/var/tmp']"
    assert str(caught.value) == f"{line}; set TMPDIR to a folder on a larger disk"


@pytest.mark.parametrize("rows", [1, 2, 3, 100])
def test_parts_are_whole_frames_and_all_of_them(rows):
    frame = np.array([1, 1, 2, 5, 5, 5, 6])
    parts = list(Scratch(rows).parts(frame))
    assert np.concatenate([frame[part] for part in parts]).tolist() == frame.tolist()
    assert all(frame[one.stop - 1] < frame[other.start] for one, other in pairwise(parts))
    assert all(len(np.unique(frame[part])) == 1 or part.stop - part.start <= rows + 2 for part in parts)


def test_a_table_in_files_is_the_same_table(files):
    rows = [(3, 2, 5.0, 5.0, 4.0, 8.0), (1, 1, 0.0, 0.0, 4.0, 8.0), (3, 1, 1.0, 1.0, 4.0, 8.0)]
    in_files = make_sequence(rows)
    assert in_files.boxes[["frame", "id"]].to_numpy().tolist() == [[1, 1], [3, 1], [3, 2]]
    assert in_files.take([0, 2]).boxes["x"].tolist() == [0.0, 5.0]
    assert in_files.boxes["conf"].tolist() == [1.0, 1.0, 1.0] and list(files.iterdir()) == []
    scratch.release()
    assert in_files.xywh[1].tolist() == [1.0, 1.0, 4.0, 8.0]
