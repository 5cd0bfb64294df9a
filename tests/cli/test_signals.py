"""Ctrl-C and SIGTERM: one line, code 130, and what was finished stays; for every verb and inside compiled code."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from gnntrack.cli import main
from gnntrack.formats.mot_tracks import write_tracks

LINE = "stopped; what was finished stays\n"
SIGNALS = [signal.SIGINT, signal.SIGTERM]


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("disguise", [None, SystemError, ImportError, OSError])
def test_a_verb_that_is_stopped_ends_with_one_line(gnntrack, root, weights, tmp_path, monkeypatch, number, disguise):
    """Stopped after the first of two videos; libraries may turn the interruption into errors of their own."""

    def writing(*arguments):
        write_tracks(*arguments)
        try:
            signal.raise_signal(number)
        except KeyboardInterrupt as stop:
            if disguise is None:
                raise
            raise disguise("returned a result with an exception set") from stop

    monkeypatch.setattr("gnntrack.formats.track_files.write_tracks", writing)
    before = [signal.getsignal(number) for number in SIGNALS]
    done = gnntrack("track", root, "--weights", weights, "-o", "out")
    assert done.code == 130
    assert done.err.splitlines(keepends=True)[-1] == LINE
    assert "Traceback" not in done.err
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["A.txt", "gnntrack.manifest"]
    assert [signal.getsignal(number) for number in SIGNALS] == before


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize(
    ("verb", "at"),
    [
        (["convert", "data", "-o", "out"], "gnntrack.datasets.store.writing.write_index"),
        (["convert", "data", "--to", "mot", "-o", "out"], "gnntrack.formats.mot.write_info"),
        (["synth", "--frames", "9", "-o", "out"], "gnntrack.datasets.synthetic.writing.write_info"),
        (["check", "data"], "gnntrack.datasets.check_report.as_text"),
        (["inspect", "data/A", "--export", "out.json"], "gnntrack.inspection.open.cut"),
    ],
)
def test_stopped_verbs_leave_no_half_output(gnntrack, root, tmp_path, monkeypatch, verb, at, number):
    monkeypatch.setattr(at, lambda *_, **__: signal.raise_signal(number))
    done = gnntrack(*verb)
    assert (done.code, done.err) == (130, LINE)
    assert not list(tmp_path.glob("out*"))
    assert len(list(tmp_path.glob(".out*"))) == (verb == ["convert", "data", "-o", "out"])  # which goes on with it
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    assert gnntrack(*verb).code == 0
    assert not list(tmp_path.glob(".out*"))


def test_an_error_of_the_users_is_still_one(gnntrack, tmp_path):
    assert gnntrack("convert", "nowhere", "-o", "out").code == 2
    assert gnntrack("--version").code == 0
    assert gnntrack("convert").code == 2


def test_a_fault_of_ours_stays_visible(root, weights, tmp_path, monkeypatch):
    def broken(*_):
        raise RuntimeError("a fault")

    monkeypatch.setattr("gnntrack.formats.track_files.write_tracks", broken)
    arguments = ["track", str(root), "--weights", str(weights), "-o", str(tmp_path / "out")]
    monkeypatch.setattr(sys, "argv", ["gnntrack", *arguments])
    with pytest.raises(RuntimeError, match="a fault"):
        main()


INSIDE_C = """
import ctypes, sys
from gnntrack.cli.signals import stop_signals
run = ctypes.pythonapi.PyRun_String
run.restype, run.argtypes = ctypes.py_object, [ctypes.c_char_p, ctypes.c_int, ctypes.py_object, ctypes.py_object]
with stop_signals() as stop:
    try:
        run(b"import signal; signal.raise_signal(signal.SIGTERM)", 257, {}, {})
    except KeyboardInterrupt:
        pass
sys.exit(130 if stop.came else 1)
"""


def test_the_code_is_ours_although_the_signal_came_inside_c_code(tmp_path):
    """As in the import of torch: ``python -m`` would end by SIGINT, whatever code it was given."""
    (tmp_path / "stopped_in_c.py").write_text(INSIDE_C)
    paths = os.pathsep.join([str(tmp_path), *sys.path])
    command = [sys.executable, "-m", "stopped_in_c"]
    assert subprocess.run(command, env=os.environ | {"PYTHONPATH": paths}, check=False).returncode == 130
