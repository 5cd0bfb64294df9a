"""The optimizer and how its learning rate goes."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from gnntrack.models.settings import SmoothingTrainingSettings, TrackletTrainingSettings, TrainingSettings

Scheduled = TrainingSettings | TrackletTrainingSettings | SmoothingTrainingSettings


def optimizer_and_schedule(module: nn.Module, settings: Scheduled, steps: int) -> Any:
    """AdamW with a short linear rise and a cosine down to 0, as Lightning wants it.

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

    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
    return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "step"}}
