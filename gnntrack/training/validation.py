"""Validation by tracking: the HOTA of videos that are not learned from."""

from __future__ import annotations

from typing import Any

import lightning.pytorch as lightning
import numpy as np

from gnntrack.datasets.labelled import Labelled
from gnntrack.evaluation.matches import match
from gnntrack.evaluation.scene import Scene
from gnntrack.evaluation.scores import Score
from gnntrack.models import AssociationNetwork, ModelRecipe
from gnntrack.sequence import Sequence
from gnntrack.tracking import track_online

SCORE = "validation/hota"


class TrackingValidation(lightning.Callback):
    """Tracks the validation videos online after every epoch and keeps the best weights.

    Args:
        labelled: the videos; detections with an identity are the truth.
        recipe: thresholds.
    """

    def __init__(self, labelled: list[Labelled], recipe: ModelRecipe) -> None:
        self.labelled, self.recipe = labelled, recipe

    def on_train_epoch_end(self, trainer: lightning.Trainer, module: Any) -> None:
        """Logs the score and offers the weights."""
        score = association_score(self.labelled, module.mean_model(), self.recipe)
        module.log(SCORE, score)
        module.offer(score)


def association_score(labelled: list[Labelled], network: AssociationNetwork, recipe: ModelRecipe) -> float:
    """HOTA of the online tracker, the mean over videos, each against its own detections that have an identity."""
    scores = []
    for item in labelled:
        tracks = track_online(item.sequence, network, recipe)
        scores.append(Score.of(match(Scene.of(_truth(item), tracks))).metrics()["hota"])
    return float(np.mean(scores))


def _truth(item: Labelled) -> Sequence:
    real = item.identity >= 0
    return item.sequence.take(real).with_ids(item.identity[real])
