"""The benchmark of speed refuses what it cannot measure before it measures anything."""

from __future__ import annotations

import pytest

from tests.conftest import benchmark_module


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (["--rounds", "0"], "--rounds 0: give 1 or more"),
        (["--long", "100"], "--long 100: give more than the 100 frames until a stream is warm"),
        (["--before", "nowhere"], "--before nowhere: no checkout of gnntrack"),
        (["--videos", "one"], "--root and --videos go together"),
    ],
)
def test_what_cannot_be_measured(options, error, monkeypatch, capsys):
    speed = benchmark_module("speed")
    monkeypatch.setattr("sys.argv", ["speed.py", *options])
    with pytest.raises(SystemExit):
        speed.parse()
    assert error in capsys.readouterr().err
