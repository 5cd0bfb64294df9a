"""After a warm-up nothing is compiled, whatever comes."""

from __future__ import annotations

import subprocess
import sys

import numba
import pytest

from gnntrack.errors import DataWarning
from gnntrack.models import load_for_tracking
from gnntrack.tracking import warmup

STREAMS = """
import sys
import numpy as np
import pandas as pd
from gnntrack import Sequence, Tracker, load_for_tracking, track_offline
from gnntrack.compiled import FUNCTIONS, compilations
from gnntrack.models import AssociationNetworkSettings, CompiledNetworks, SmoothingNetworkSettings
from gnntrack.models import TrackletNetworkSettings
from gnntrack.models.compiled_bundle import network_shapes
from gnntrack.tracking.warmup import warm_up

def ready():
    return {function.py_func.__qualname__: len(function.overloads) for function in FUNCTIONS}

def boxes(step, count, rng):
    number = np.arange(count)
    left, top = 40.0 * number + 8 * step * (-1) ** number, 100.0 + number
    if step % 7 == 3:
        left, top = rng.uniform(0, 500, count), rng.uniform(0, 300, count)
    return np.column_stack(
        [left, top, left + 40, top + 90, rng.choice([0.05, 0.3, 0.5, 0.65, 0.9], count), rng.integers(0, 2, count)]
    )

networks, recipe = load_for_tracking("default")
shape = AssociationNetworkSettings(
    hidden=8, rounds=1, appearance=True, smoothing=SmoothingNetworkSettings(hidden=4),
    tracklets=TrackletNetworkSettings(hidden=4, rounds=1, members=1, appearance=True),
)
rng = np.random.default_rng(0)
arrays = {name: rng.normal(0, 0.3, size).astype(np.float32) for name, size in network_shapes(shape).items()}
arrays["smoothing.online.deviation"][:] = 1
seeing = CompiledNetworks.of(arrays, shape)
warm_up(networks), warm_up(seeing), warm_up(networks, offline=True)
before = ready()
with compilations() as names:
    for options in ({}, {"classes": "separate"}, {"lag": 12}):
        tracker = Tracker(networks, recipe, **options)
        for step in range(60):
            count = 0 if step % 11 == 5 else 1 if step % 13 < 2 else int(rng.integers(2, 7))
            given = boxes(step, count, rng)
            given = given.tolist() if step % 5 == 1 else np.asfortranarray(given) if step % 5 == 2 else given
            tracker.update(given[:, ::-1][:, ::-1] if step % 5 == 3 else given)
        tracker.flush()
    tracker = Tracker(seeing, recipe.model_copy(update={"architecture": shape}))
    for step in range(40):
        count = 1 if step % 9 == 0 else 4
        tracker.update(boxes(step, count, rng), None if step % 8 == 2 else rng.normal(0, 1, (count, 5)))
    rows = [(step + 1, *row[:5]) for step in range(60) for row in boxes(step, 1 if step % 13 == 2 else 4, rng)]
    table = pd.DataFrame(rows, columns=["frame", "x", "y", "w", "h", "conf"])
    table["w"], table["h"] = 40.0, 90.0
    track_offline(Sequence("toy", table, 640, 480), networks, recipe)
print(names, {name: count for name, count in ready().items() if count != before[name]})
"""


def test_nothing_is_compiled_after_it():
    """A process of its own: here, other tests have compiled other things. New signatures count, even cached ones."""
    done = subprocess.run([sys.executable, "-c", STREAMS], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[] {}"


@pytest.fixture
def cold(monkeypatch):
    """A process that has not warmed up yet, whose rehearsal is one function."""
    monkeypatch.setattr(warmup, "_ready", set())
    monkeypatch.setattr(warmup, "_rehearse_stream", lambda networks: numba.njit(lambda number: number + 1)(1))
    return load_for_tracking("default")[0]


def test_it_says_how_far_it_is_and_happens_once(cold, monkeypatch):
    monkeypatch.setattr(warmup, "unkept", lambda: None)
    said = []
    assert warmup.warm_up(cold, show=lambda done, all_: said.append((done, all_))) == 1
    assert said[-1][0] == said[-1][1] > 40
    assert warmup.warm_up(cold) == 0


def test_a_cache_that_cannot_be_written_is_said_in_one_line(cold, monkeypatch):
    monkeypatch.setattr(warmup, "unkept", lambda: "/read/only")
    with pytest.warns(DataWarning, match=r"cannot be kept: /read/only is not writable.*; set NUMBA_CACHE_DIR"):
        warmup.warm_up(cold)
