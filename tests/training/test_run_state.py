"""What a run keeps: pieces of prepared data are made once, and nothing of it stays behind."""

from __future__ import annotations

import time

import pytest

from gnntrack.training.run_state import CHECKPOINT, RunState

CODEC = (lambda item: {"value": item}), (lambda values: values["value"])


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Every look at the clock is 30 seconds after the one before: it is time for a checkpoint at every fourth."""
    ticks = iter(range(10**6))
    monkeypatch.setattr(time, "monotonic", lambda: 30.0 * next(ticks))


def test_pieces_are_made_once(tmp_path):
    """Killed at piece 17: those written before are read, the others made anew; each is there once, in order."""
    made = []

    def piece(number):
        made.append(number)
        if len(made) == 18:
            raise RuntimeError("killed")
        return [number * 10, number * 10 + 1]

    with pytest.raises(RuntimeError), RunState(tmp_path / "run", {"seed": 0}) as state:
        state.prepared("clips", 20, piece, CODEC)
    kept = len(list((tmp_path / "run").glob("clips-*.safetensors")))
    assert kept > 2
    with RunState(tmp_path / "run", {"seed": 0}, resume=True) as state:
        items = state.prepared("clips", 20, piece, CODEC)
        assert items == [value for number in range(20) for value in (number * 10, number * 10 + 1)]
        assert 3 <= len(made) - 18 <= 8
        assert state.prepared("clips", 20, piece, CODEC) == items
    before = len(made)
    with RunState(tmp_path / "run", {"seed": 0}, resume=True) as state:
        assert state.prepared("clips", 20, piece, CODEC) == items
        assert len(made) == before
        state.close()
    assert not (tmp_path / "run").exists()


def test_pieces_of_another_run_are_made_anew(tmp_path):
    for seed in (0, 1):
        with RunState(tmp_path / "run", {"seed": seed}, overwrite=True) as state:
            assert state.prepared("clips", 5, lambda number, seed=seed: [seed], CODEC) == [seed] * 5


def test_what_is_not_its_own_stays(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "notes.txt").write_text("mine")
    with RunState(tmp_path / "run", {}) as state:
        assert (tmp_path / "run" / CHECKPOINT).is_file()
        state.close()
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["notes.txt"]
