"""Learning from boxes that nobody annotated: the network's own offline tracks are the truth, clips are disturbed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.stats import t as student

from gnntrack.datasets.labelled import Labelled
from gnntrack.models import ModelRecipe
from gnntrack.sequence import DETECTION, Sequence
from gnntrack.tracking import track_offline
from gnntrack.tracking.scoring import LinkScorer
from gnntrack.training.rollout_training import RolloutTraining
from gnntrack.training.stage import Validation
from gnntrack.training.validation import SCORE, association_scores

#: Score of the start: below the number of every epoch, above that of one that is refused.
LAST_RESORT = -1.0


def own_identities(boxes: Sequence, model: LinkScorer, recipe: ModelRecipe) -> np.ndarray:
    """The identity of every box ``(len(boxes),)`` in the tracks of the offline tracker, −1: in none.

    Args:
        boxes: detections.
        model: tracks them.
        recipe: thresholds.
    """
    tracks = track_offline(boxes, model, recipe).boxes
    detected = tracks[tracks[DETECTION] >= 0]
    identity = np.full(len(boxes), -1)
    identity[detected[DETECTION].to_numpy()] = detected["id"].to_numpy()
    return identity


class SelfTaughtTraining(RolloutTraining):
    """Rollouts of which a mean teacher says what is true (Tarvainen and Valpola, NeurIPS 2017).

    The teacher is the running mean of the weights. At the beginning of every epoch it tracks the videos offline, as
    they are, with all that comes later at hand; the student tracks clips of them online, disturbed: boxes are missing
    and moved, frames are skipped, other clips are laid over. So the links that the student does not find are known.

    The start is one of the candidates for the result. It stays where every epoch is worse beyond chance: where the
    mean difference of HOTA to the start, over the validation clips, is below 0 by more than its 95 % interval. Of the
    other epochs the last is the result. (A check that also refuses what is not better beyond chance was tried: on a
    few clips it refuses most of what helps.)

    Args: as for :class:`RolloutTraining`; the identities of the training videos are not used.
    """

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.start_counts = True
        self._before = np.zeros(0)
        self._identity: list[np.ndarray] = []

    def begin(self, epoch: int, step: int, memory: Any = None) -> None:
        """Labels the videos anew, or as a checkpoint says, and begins rollouts."""
        self.averaged.eval()
        self._identity = memory["identity"] if step else self.ranks.each(self.source.items, self._own_identities)
        if memory is not None:
            self._before = memory["before"]
        labelled = zip(self.source.items, self._identity, strict=True)
        self.source.items = [replace(item, identity=identity) for item, identity in labelled]
        super().begin(epoch, step, memory["rollouts"] if step else None)

    def _own_identities(self, item: Labelled) -> np.ndarray:
        return own_identities(item.sequence, self.result(), self.recipe)

    def memory(self) -> Any:
        """What the videos are labelled with, how the start did, and where each rollout stands."""
        return {"identity": self._identity, "before": self._before, "rollouts": super().memory()}

    def validate(self, keep_going: Callable[[], None]) -> Validation | None:
        """The number of the epoch, unless it is refused: so the last one counts."""
        if not self.held_out:
            return None
        scores = association_scores(self.held_out, self.result(), self.recipe, keep_going, self.ranks)
        message = f"validation HOTA {100 * scores.mean():.2f}"
        figures = {SCORE: float(scores.mean())}
        if not len(self._before):
            self._before = scores
            return Validation(message, figures, LAST_RESORT)
        change = 100 * (scores - self._before)
        half = half_interval(change)
        score = float(self._epoch) if change.mean() + half > 0 else -np.inf
        return Validation(f"{message}, {change.mean():+.2f} ± {half:.2f}", figures, score)


def half_interval(values: np.ndarray) -> float:
    """Half the width of the 95 % interval of a mean (Student's t); infinite for a single value.

    Example:
        >>> round(half_interval(np.array([1.0, 2.0, 3.0])), 2)
        2.48
    """
    if len(values) < 2:
        return np.inf
    return float(student.ppf(0.975, len(values) - 1) * values.std(ddof=1) / len(values) ** 0.5)
