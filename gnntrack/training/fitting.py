"""Training of the small networks that weights are given afterwards: steps, reports, and the best weights are kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from gnntrack.errors import DataError
from gnntrack.models.settings import SmoothingTrainingSettings, TrackletTrainingSettings
from gnntrack.training.schedule import optimizer_and_schedule

Report = Callable[[str], None]
#: Largest gradient norm.
CLIP = 1.0


class Verdict(NamedTuple):
    """What is thought of a network on data that it does not learn from.

    Attributes:
        cost: lower is better.
        told: the same in words.
    """

    cost: float
    told: str


def fit_network(
    network: nn.Module,
    settings: TrackletTrainingSettings | SmoothingTrainingSettings,
    loss: Callable[[], Tensor],
    judge: Callable[[], Verdict] | None,
    report: Report,
    every: int,
) -> None:
    """Trains a network, which is in evaluation mode afterwards.

    Args:
        network: is changed.
        settings: steps, learning rate, weight decay.
        loss: of the next batch, a scalar.
        judge: looks at the network every so often; the weights that it likes best are kept, without it the last.
        report: is told how it goes.
        every: so many steps.

    Raises:
        DataError: the loss is not finite.
    """
    schedule = optimizer_and_schedule(network, settings, settings.steps)
    optimizer, scheduler = schedule["optimizer"], schedule["lr_scheduler"]["scheduler"]
    total, least, best = 0.0, np.inf, network.state_dict()
    for step in range(settings.steps):
        network.train()
        value = loss()
        if not torch.isfinite(value):
            raise DataError(f"loss is {value.item()}", remedy="lower the learning rate")
        optimizer.zero_grad()
        value.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), CLIP)
        optimizer.step()
        scheduler.step()
        total += float(value.detach())
        if (step + 1) % every == 0 or step + 1 == settings.steps:
            told, total = f"step {step + 1}: loss {total / (step % every + 1):.3f}", 0.0
            network.eval()
            verdict = judge() if judge else Verdict(-float(step), "")
            if verdict.cost < least:
                least, best = verdict.cost, {name: tensor.clone() for name, tensor in network.state_dict().items()}
            report(f"{told}, {verdict.told}" if verdict.told else told)
    network.load_state_dict(best)
    network.eval()
