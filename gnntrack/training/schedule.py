"""The optimizer and how its learning rate goes."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import nn


class Scheduled(Protocol):
    """The settings of the optimizer."""

    @property
    def learning_rate(self) -> float:
        """Peak of the schedule."""

    @property
    def weight_decay(self) -> float:
        """Of AdamW."""


def optimizer_and_schedule(
    module: nn.Module, settings: Scheduled, steps: int
) -> tuple[torch.optim.AdamW, torch.optim.lr_scheduler.LambdaLR]:
    """AdamW with a short linear rise and a cosine down to 0; the schedule goes on with every step.

    Args:
        module: whose parameters are trained.
        settings: learning rate and weight decay.
        steps: of the whole run.
    """
    optimizer = torch.optim.AdamW(module.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay)
    rise = max(1, min(100, steps // 10))

    def factor(step: int) -> float:
        if step < rise:
            return (step + 1) / rise
        share = min(1.0, (step - rise) / max(1, steps - rise))
        return 0.5 * (1.0 + float(torch.cos(torch.tensor(torch.pi * share))))

    return optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
