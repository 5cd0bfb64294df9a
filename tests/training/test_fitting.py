"""Steps of training: the weights that were liked best are kept; a loss that is no number stops it."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from gnntrack.errors import DataError
from gnntrack.models import SmoothingTrainingSettings
from gnntrack.training.fitting import Verdict, fit_network

SETTINGS = SmoothingTrainingSettings(steps=25, learning_rate=0.1, weight_decay=0.0)


def line() -> tuple[nn.Linear, list[str]]:
    torch.manual_seed(0)
    return nn.Linear(1, 1), []


def test_without_a_judge_the_last_weights_stay():
    network, told = line()
    fit_network(network, SETTINGS, lambda: network(torch.ones(1)).square().sum(), None, told.append, 10)
    assert abs(float(network(torch.ones(1)))) < 0.1
    assert [text.split(":")[0] for text in told] == ["step 10", "step 20", "step 25"]
    assert not network.training


def test_the_weights_that_were_liked_best_are_kept():
    """Costs 3, 1, 2 after 10, 20 and 25 steps: those after 20 stay."""
    network, told = line()
    costs, seen = iter([3.0, 1.0, 2.0]), []

    def judge() -> Verdict:
        assert not network.training
        seen.append(float(network.weight.detach()))
        return Verdict(next(costs), "so so")

    fit_network(network, SETTINGS, lambda: network(torch.ones(1)).square().sum(), judge, told.append, 10)
    assert len(set(seen)) == 3
    assert float(network.weight) == seen[1]
    assert all(text.endswith(", so so") for text in told)


def test_a_loss_that_is_no_number():
    network, told = line()
    with pytest.raises(DataError, match="loss is nan"):
        fit_network(network, SETTINGS, lambda: network.weight.sum() * torch.nan, None, told.append, 10)
