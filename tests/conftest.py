"""Shared by all tests: deterministic hypothesis, and small sequences."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
from hypothesis import settings

from gnntrack.sequence import Sequence


def pytest_addoption(parser: pytest.Parser) -> None:
    """``pytest tests/losses/test_devices.py --device cuda``: on a GPU, not on a device that is not there."""
    parser.addoption("--device", default="cpu", help="device of tests/losses/test_devices.py: cuda, mps, …")


settings.register_profile("gnntrack", derandomize=True, deadline=None, max_examples=40)
settings.load_profile("gnntrack")


def make_sequence(rows: list[tuple[float, ...]], columns: str = "frame id x y w h", **options: object) -> Sequence:
    """A sequence from literal rows; 640 × 480 at 25 frames a second unless said otherwise."""
    table = pd.DataFrame(rows, columns=columns.split())
    return Sequence(**{"name": "toy", "boxes": table, "width": 640, "height": 480, "frame_rate": 25.0} | options)  # type: ignore[arg-type]


@pytest.fixture
def two_walkers() -> Sequence:
    """Two people who walk towards each other and pass at different heights of the image.

    frame    1 … 20
    id 1     ■ →→→→→→→→            y = 100, x = 100 + 10 t
    id 2            ←←←←←←← ■      y = 250, x = 400 − 10 t
    """
    rows = []
    for step in range(20):
        rows.append((step + 1, 1, 100.0 + 10 * step, 100.0, 40.0, 100.0))
        rows.append((step + 1, 2, 400.0 - 10 * step, 250.0, 40.0, 100.0))
    return make_sequence(rows)


def random_boxes(seed: int, frames: int = 6, per_frame: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Boxes ``(N, 4)`` and their frames ``(N,)``, for comparing with brute force."""
    rng = np.random.default_rng(seed)
    frame = np.repeat(np.arange(1, frames + 1), per_frame)
    box = np.column_stack([rng.uniform(0, 600, (len(frame), 2)), rng.uniform(20, 120, (len(frame), 2))])
    return box, frame


def benchmark_module(name: str) -> ModuleType:
    """A script of ``benchmarks/``, imported by its path; those that it imports lie beside it.

    What it sets in the environment for itself (``NUMBA_DISABLE_JIT``) does not stay.
    """
    path = Path(__file__).parents[1] / "benchmarks" / f"{name}.py"
    specification = importlib.util.spec_from_file_location(f"benchmarks_{name}", path)
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module
    sys.path.insert(0, str(path.parent))
    try:
        with patch.dict(os.environ):
            specification.loader.exec_module(module)
    finally:
        sys.path.remove(str(path.parent))
    return module


@pytest.fixture(scope="session")
def benchmark() -> Callable[[str], ModuleType]:
    """Imports a script of ``benchmarks/``."""
    return benchmark_module


@dataclass
class Detections:
    """The part of ``supervision.Detections`` that the docs and the tracker touch; the package is no dependency."""

    xyxy: np.ndarray
    confidence: np.ndarray | None = None
    class_id: np.ndarray | None = None
    tracker_id: np.ndarray | None = None

    def __getitem__(self, rows: np.ndarray) -> Detections:
        picked = [None if values is None else values[rows] for values in (self.confidence, self.class_id)]
        return Detections(self.xyxy[rows], *picked)
