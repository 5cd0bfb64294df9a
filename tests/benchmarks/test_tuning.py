"""The search for the settings of the trackers that ours is held against."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import product
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

VALUES = {"a": [0, 1, 2, 3], "b": [0, 1, 2]}


@pytest.fixture(scope="module")
def tuning(benchmark: Callable[[str], ModuleType]) -> ModuleType:
    return benchmark("tuning")


@given(st.integers(0, 10_000))
def test_no_single_change_is_better(tuning: ModuleType, seed: int) -> None:
    """The end is no worse than the start or any neighbour, and nothing is scored twice."""
    scores = np.random.default_rng(seed).integers(0, 6, (4, 3))
    asked = []

    def score(settings: dict[str, int]) -> float:
        asked.append((settings["a"], settings["b"]))
        return float(scores[asked[-1]])

    best, highest, tried = tuning.coordinate_search(score, {"a": 0, "b": 0}, VALUES, sweeps=12)
    a, b = best["a"], best["b"]
    assert highest == scores[a, b] == max(scores[a].max(), scores[:, b].max())
    assert highest >= scores[0, 0]
    assert tried == len(asked) == len(set(asked)) <= len(list(product(*VALUES.values())))


def test_equal_scores_keep_the_start(tuning: ModuleType) -> None:
    best, highest, tried = tuning.coordinate_search(lambda settings: 1.0, {"a": 2, "b": 1}, VALUES)
    assert (best, highest, tried) == ({"a": 2, "b": 1}, 1.0, 6)


def test_a_second_search_scores_nothing_anew(tuning: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "folder" / "scores.json"
    assert tuning.Cache(path).get("key", lambda: 0.5) == 0.5
    assert json.loads(path.read_text()) == {"key": 0.5}
    assert tuning.Cache(path).get("key", pytest.fail) == 0.5
