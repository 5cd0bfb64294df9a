"""The same numbers in every run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


@contextmanager
def deterministic(strict: bool) -> Iterator[None]:
    """The same numbers in every run; ``strict``: an operation that has no such algorithm is an error."""
    before = torch.are_deterministic_algorithms_enabled()
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # CUDA requires it
    torch.use_deterministic_algorithms(True, warn_only=not strict)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before)


def seed_of(*numbers: int) -> int:
    """Of what is drawn in one step by one process."""
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0])
