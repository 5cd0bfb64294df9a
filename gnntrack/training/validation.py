"""Validation by tracking: the HOTA of videos that are not learned from."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gnntrack.datasets.labelled import Labelled
from gnntrack.evaluation.matches import match
from gnntrack.evaluation.scene import Scene
from gnntrack.evaluation.scores import Score
from gnntrack.models import AssociationNetwork, ModelRecipe
from gnntrack.sequence import Sequence
from gnntrack.tracking import track_online
from gnntrack.training.ranks import ALONE, Ranks

SCORE = "validation/hota"


def association_scores(
    labelled: list[Labelled],
    network: AssociationNetwork,
    recipe: ModelRecipe,
    keep_going: Callable[[], None] = lambda: None,
    ranks: Ranks = ALONE,
) -> np.ndarray:
    """HOTA of the online tracker on every video ``(V,)``, each against its own detections that have an identity.

    Args:
        labelled: the videos.
        network: tracks them.
        recipe: thresholds.
        keep_going: called between videos.
        ranks: processes that share the videos out.
    """

    def score(item: Labelled) -> float:
        tracks = track_online(item.sequence, network, recipe)
        return float(Score.of(match(Scene.of(_truth(item), tracks))).metrics()["hota"])

    return np.array(ranks.each(labelled, score, keep_going))


def _truth(item: Labelled) -> Sequence:
    real = item.identity >= 0
    return item.sequence.take(real).with_ids(item.identity[real])
