"""Weights between two: one network moves, all else stays."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest
import torch

from gnntrack.models import AssociationNetworkSettings, ModelRecipe, TrackletNetworkSettings, build_model


def network(seed: int) -> torch.nn.Module:
    torch.manual_seed(seed)
    tracklets = TrackletNetworkSettings(hidden=8, rounds=1, members=1)
    return build_model(ModelRecipe(architecture=AssociationNetworkSettings(hidden=8, rounds=1, tracklets=tracklets)))


@pytest.mark.parametrize("part", ["association", "tracklets"])
def test_a_share_of_the_way(benchmark: Callable[[str], ModuleType], part: str) -> None:
    before, after = network(0), network(1)
    start = {name: value.clone() for name, value in before.state_dict().items()}
    benchmark("average").average(before, after, 0.25, part)
    moved = 0
    for name, value in before.state_dict().items():
        moves = name.startswith("tracklets.") == (part == "tracklets")
        goal = 0.75 * start[name] + 0.25 * after.state_dict()[name] if moves else start[name]
        torch.testing.assert_close(value, goal)
        moved += int(not torch.equal(value, start[name]))
    assert moved
