"""Who trains which stage."""

from __future__ import annotations

from gnntrack.models.training_settings import (
    AnyStage,
    AssociationStageSettings,
    RelinkingStageSettings,
    SmoothingStageSettings,
)
from gnntrack.training.association_training import train_association_network
from gnntrack.training.job import Job, Trained
from gnntrack.training.relinking_training import train_relinking_network
from gnntrack.training.smoothing_training import train_smoothing_network
from gnntrack.training.window_training import train_window_network


def train_stage(job: Job, settings: AnyStage) -> Trained:
    """Trains one stage.

    Args:
        job: the networks so far, and the stage's data.
        settings: what is trained, and how.

    Returns:
        The networks, those of the stage trained, and their recipe.

    Raises:
        DataError: nothing to learn from, or the loss became NaN.
        Interrupted: a signal asked to stop.
    """
    if isinstance(settings, AssociationStageSettings):
        return train_association_network(job, settings)
    if isinstance(settings, RelinkingStageSettings):
        return train_relinking_network(job, settings)
    if isinstance(settings, SmoothingStageSettings):
        return train_smoothing_network(job, settings)
    return train_window_network(job, settings)
