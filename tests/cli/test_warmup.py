"""``gnntrack warmup``."""

from __future__ import annotations

import numba

from gnntrack.tracking import warmup


def test_it_says_what_it_did(gnntrack, monkeypatch):
    monkeypatch.setattr(warmup, "_ready", set())
    monkeypatch.setattr(warmup, "unkept", lambda: None)
    monkeypatch.setattr(warmup, "_rehearse_stream", lambda networks: numba.njit(lambda number: number + 1)(1))
    monkeypatch.setattr(warmup, "_rehearse_video", lambda networks: None)
    assert "compiled 1 functions in " in gnntrack("warmup").out
    assert gnntrack("warmup").out == "nothing to compile\n"


def test_window_graphs_need_none(gnntrack, weights):
    assert gnntrack("warmup", "--weights", weights).out == "nothing to compile\n"
