"""Writing is atomic: the last good file survives whatever happens."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

from gnntrack.errors import DataError
from gnntrack.files import atomic_path, check_file, write_text


def test_failure_leaves_the_old_file(tmp_path):
    target = tmp_path / "a.txt"
    write_text(target, "old")
    with pytest.raises(RuntimeError), atomic_path(target) as path:
        path.write_text("half")
        raise RuntimeError
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_kill_leaves_the_old_file(tmp_path):
    """A process writes again and again and is killed in the middle: a whole file remains."""
    target = tmp_path / "a.txt"
    code = (
        "import sys; from gnntrack.files import write_text\n"
        "for n in range(10**9): write_text(sys.argv[1], str(n % 10) * 200_000)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(target)])
    while not target.exists():
        time.sleep(0.01)
    for _ in range(20):
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    text = target.read_text()
    assert len(text) == 200_000
    assert len(set(text)) == 1


def test_full_disk_is_one_line():
    with pytest.raises(DataError, match="cannot write"), atomic_path("/proc/nowhere/a.txt"):
        pass


def test_existing_output_is_refused(tmp_path):
    target = tmp_path / "a.txt"
    assert check_file(target) == target
    target.write_text("x")
    with pytest.raises(DataError, match="output exists; pass --overwrite"):
        check_file(target)
    assert check_file(target, overwrite=True) == target
    with pytest.raises(DataError):
        check_file(tmp_path)


def test_permissions_follow_the_umask(tmp_path):
    write_text(tmp_path / "a.txt", "x")
    (tmp_path / "b.txt").write_text("x")
    assert (tmp_path / "a.txt").stat().st_mode == (tmp_path / "b.txt").stat().st_mode
