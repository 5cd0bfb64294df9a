"""Writing is atomic: the last good file survives whatever happens."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gnntrack.errors import DataError
from gnntrack.files import atomic_path, write_text
from gnntrack.outputs.places import check_file


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


def special(kind, path):
    """Something at ``path`` that is no plain file."""
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(os.path.relpath(path))  # the absolute path may be too long for a socket
    elif kind == "link to nothing":
        path.symlink_to(path.with_name("nothing"))
    elif kind == "link to a device":
        path.symlink_to("/dev/full")
    else:
        path.mkdir()


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("pipe", "is a pipe, not a plain file"),
        ("socket", "is a socket, not a plain file"),
        ("link to nothing", "is a link to nothing"),
        ("link to a device", "is a device, not a plain file"),
        ("folder", "is a folder, not a plain file"),
    ],
)
def test_what_is_no_plain_file_is_refused_and_stays(kind, words, tmp_path):
    target = tmp_path / "a.txt"
    special(kind, target)
    before = target.lstat()
    for write in (lambda: write_text(target, "x"), lambda: check_file(target, True), lambda: check_file(target)):
        with pytest.raises(DataError, match=rf"a\.txt: {words}; choose another output"):
            write()
    after = target.lstat()
    assert (before.st_ino, before.st_mode) == (after.st_ino, after.st_mode)
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_a_device_is_refused():
    with pytest.raises(DataError, match="/dev/full: is a device, not a plain file; choose another output"):
        write_text("/dev/full", "x")
    assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)


def test_a_link_to_a_file_stays_and_the_file_is_replaced(tmp_path):
    (tmp_path / "far").mkdir()
    file, link = tmp_path / "far" / "a.txt", tmp_path / "link.txt"
    file.write_text("old")
    link.symlink_to(file)
    with pytest.raises(DataError, match="output exists; pass --overwrite"):
        check_file(link)
    write_text(check_file(link, overwrite=True), "new")
    assert link.is_symlink()
    assert file.read_text() == "new"
    assert [path.name for path in file.parent.iterdir()] == ["a.txt"]


def test_no_file_of_the_input_is_replaced(tmp_path):
    (tmp_path / "in").mkdir()
    source = tmp_path / "in" / "gt.txt"
    source.write_text("1")
    (tmp_path / "link.txt").symlink_to(source)
    for target in (source, tmp_path / "link.txt"):
        for given in (source, source.parent):
            with pytest.raises(DataError, match="belongs to the input"):
                check_file(target, True, (None, given))
    (tmp_path / "in" / "view.html").write_text("page")
    assert check_file(tmp_path / "in" / "view.html", True, (source.parent,)).name == "view.html"
    assert check_file(tmp_path / "in" / "new.txt", False, (source.parent, "TUD-Campus")).name == "new.txt"


def test_after_an_error_no_folder_is_left(tmp_path):
    with pytest.raises(RuntimeError), atomic_path(tmp_path / "deep" / "er" / "a.txt"):
        raise RuntimeError
    assert not list(tmp_path.iterdir())
