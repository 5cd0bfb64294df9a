"""The same numbers in every run: asked of torch on the CPU, left as it is elsewhere."""

from __future__ import annotations

import pytest
import torch

from gnntrack.training.determinism import deterministic


@pytest.fixture(params=[(False, False), (True, False), (True, True)], ids=str)
def before(request):
    torch.use_deterministic_algorithms(request.param[0], warn_only=request.param[1])
    yield request.param
    torch.use_deterministic_algorithms(False)


def state():
    return torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()


def test_on_the_cpu_for_as_long_as_a_network_learns(before):
    with deterministic(torch.device("cpu")):
        assert state() == (True, False)
    assert state() == before


def test_a_gpu_is_left_as_it_is_set(before):
    """There, sums in the same order take more than half of a step."""
    with deterministic(torch.device("cuda")):
        assert state() == before
    assert state() == before
