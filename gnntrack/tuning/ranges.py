"""Which settings are tried, and between which bounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from gnntrack.errors import DataError
from gnntrack.models.overriding import overridden

if TYPE_CHECKING:
    import optuna

    from gnntrack.models.recipe import ModelRecipe

Mode = Literal["online", "offline"]


@dataclass(frozen=True)
class Range:
    """A setting that is tried.

    Attributes:
        path: of the setting (``links.threshold``).
        low: smallest value.
        high: largest value.
        whole: only whole numbers.
        log: evenly in the logarithm.
    """

    path: str
    low: float
    high: float
    whole: bool = False
    log: bool = False

    def suggest(self, trial: optuna.Trial) -> Any:
        """A value for a trial."""
        if self.whole:
            return trial.suggest_int(self.path, int(self.low), int(self.high))
        return round(trial.suggest_float(self.path, self.low, self.high, log=self.log), 3)


#: Those that decide most; times in seconds.
RANGES = (
    Range("births.confidence", 0.2, 0.9),
    Range("births.usual_share", 0.0, 0.95),
    Range("births.score", 0.05, 0.7),
    Range("births.confirm", 1, 4, whole=True),
    Range("births.trial_share", 0.2, 1.0),
    Range("links.minimum_confidence", 0.02, 0.5),
    Range("links.threshold", 0.1, 0.8),
    Range("links.memory", 0.3, 5.0, log=True),
    Range("relinking.threshold_online", 0.2, 0.9),
    Range("relinking.threshold", 0.2, 0.9),
    Range("offline.gap_threshold", 0.2, 0.9),
    Range("offline.minimum_length", 1, 20, whole=True),
    Range("boxes.interpolate", 0.1, 3.0, log=True),
)


def ranges_of(recipe: ModelRecipe, mode: Mode) -> list[Range]:
    """The ranges of the settings that a kind of model obeys in a mode."""
    return [one for one in RANGES if _obeyed(recipe, one, mode)]


def _obeyed(recipe: ModelRecipe, one: Range, mode: Mode) -> bool:
    try:
        overridden(recipe, {one.path: int(one.high) if one.whole else one.high}, mode)
    except DataError:
        return False
    return True


def suggested(trial: optuna.Trial, ranges: list[Range]) -> dict[str, Any]:
    """Values for a trial, by path."""
    return {one.path: one.suggest(trial) for one in ranges}
