"""The same numbers in every run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


@contextmanager
def deterministic(device: torch.device) -> Iterator[None]:
    """The same numbers in every run on the CPU: an operation that has no such algorithm is an error.

    Elsewhere torch stays as it is set. On a GPU, its deterministic sums sort what they add, and every new tensor is
    filled, so that most of a step would be that (``benchmarks/training_gpu.py``).
    """
    if device.type != "cpu":
        yield
        return
    before, warned = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before, warn_only=warned)


def seed_of(*numbers: int) -> int:
    """Of what is drawn in one step by one process."""
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0])
