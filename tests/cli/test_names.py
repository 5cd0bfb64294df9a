"""Names: bytes that are no UTF-8, escape sequences and blanks; what comes in is checked, what goes out is escaped."""

import io
import os
import sys
import warnings
from pathlib import Path

import pytest

from gnntrack import DataError, DataWarning, cli

ROW = "1,1,5,5,10,20,1\n"
ESCAPE = "\x1b[2J\x1b]0;owned\x07"


def folder_named(root, name):
    folder = root / os.fsdecode(name)
    (folder / "det").mkdir(parents=True)
    (folder / "det" / "det.txt").write_text(ROW)


@pytest.mark.parametrize("name", [b"caf\xe9", ESCAPE, "two\nlines", "a\u202eb", " a", "a\u00a0b", "é" * 101])
def test_odd_names_of_folders_are_one_plain_line(gnntrack, tmp_path, name):
    folder_named(tmp_path / "in", name)
    for command in (["check", "in"], ["convert", "in", "--to", "mot", "-o", "out"]):
        done = gnntrack(*command)
        assert done.code == 2
        assert "cannot be a file name" in done.err + done.out
        for text in (done.out, done.err):
            assert all(line.isprintable() for line in text.split("\n")), ascii(text)


@pytest.mark.parametrize("name", [b"caf\xe9.txt", f"{ESCAPE}.txt"])
@pytest.mark.parametrize("verb", [["check"], ["inspect"], ["convert", "--to", "mot", "-o", "out"]])
def test_odd_names_of_files_are_one_plain_line(gnntrack, tmp_path, name, verb):
    path = tmp_path / os.fsdecode(name)
    path.write_text("1,1,5,5,10,20,nan\n")
    done = gnntrack(*verb, path)
    assert done.code == 2
    for text in (done.out, done.err):
        assert all(line.isprintable() for line in text.split("\n")), ascii(text)


def test_a_missing_path_is_shown_escaped(gnntrack):
    done = gnntrack("check", f"absent{ESCAPE}")
    assert done.err == "error: absent\\x1b[2J\\x1b]0;owned\\x07: no such file or folder; check the path\n"


def test_warnings_and_errors_are_one_printable_line():
    text = f"a{ESCAPE}\nb\udcff"
    with pytest.warns(DataWarning) as caught:
        warnings.warn(text, DataWarning, stacklevel=1)
    assert str(caught[0].message) == str(DataError(text)) == "a\\x1b[2J\\x1b]0;owned\\x07 b\\udcff"


def test_names_of_classes_are_printable(gnntrack, tmp_path):
    folder_named(tmp_path, "A")
    (tmp_path / "A" / "det" / "labels.txt").write_text(f"person\n{ESCAPE}\n")
    done = gnntrack("check", "A", "--json")
    assert done.code == 2
    assert r"labels.txt:2: class name '\\x1b[2J\\x1b]0;owned\\x07'" in done.out


def test_a_blank_in_a_name_is_refused_where_the_format_cannot_hold_it(gnntrack, tmp_path):
    folder_named(tmp_path, "my video")
    command = ["convert", "my video", "--size", "64x48", "--frame-rate", "25"]
    done = gnntrack(*command, "--to", "kitti", "-o", "kitti")
    assert (done.code, done.err) == (
        2,
        "error: my video: KITTI's list of sequences cannot hold a blank in a name; rename the sequence\n",
    )
    assert not (tmp_path / "kitti").exists()
    assert gnntrack(*command, "--to", "mot", "-o", "mot").code == 0
    assert (tmp_path / "mot" / "my video" / "det" / "det.txt").is_file()


def test_what_the_terminal_cannot_encode_is_escaped(gnntrack, monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stderr", stream)
    assert gnntrack("check", "é").code == 2
    stream.flush()
    assert stream.buffer.getvalue() == b"error: \\xe9: no such file or folder; check the path\n"


def test_every_verb_speaks_through_one_function():
    folder = Path(cli.__file__).parent
    assert [path.name for path in folder.glob("*.py") if "typer.echo" in path.read_text()] == ["output.py"]
