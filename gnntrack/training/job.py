"""What a stage of a training is given: the networks so far, its data, and the run that it belongs to."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from torch import nn

from gnntrack.datasets.labelled import Labelled
from gnntrack.models import Model, ModelRecipe
from gnntrack.progress import Report
from gnntrack.training.device import fabric_of
from gnntrack.training.ranks import ALONE, Ranks
from gnntrack.training.run_state import RunState

if TYPE_CHECKING:
    from lightning.fabric import Fabric

Log = Callable[[list[dict[str, Any]]], None]
_T = TypeVar("_T")


@dataclass(frozen=True)
class Context:
    """The run that a stage belongs to.

    Attributes:
        state: where the run goes on, and where checkpoints go; as it is, none are written.
        report: receives a line of progress an epoch.
        log: is given the rows of all epochs of the stage so far, after each.
        name: of the stage.
        fabric: Lightning's door to the devices, started.
        ranks: the processes that train together.
        workers: processes that prepare what each of them learns from.
    """

    state: RunState = field(default_factory=RunState)
    report: Report = field(default_factory=Report)
    log: Log | None = None
    name: str = ""
    fabric: Fabric = field(default_factory=fabric_of)
    ranks: Ranks = ALONE
    workers: int = 0

    def scoring(self) -> AbstractContextManager[None]:
        """In it, networks score in the precision of the run; all else is computed in full."""
        found: AbstractContextManager[None] = self.fabric.autocast()
        return found

    def prepared(self, name: str, count: int, make: Callable[[int], list[_T]], codec: tuple[Any, Any]) -> list[_T]:
        """Data that is made piece by piece; see :meth:`RunState.prepared`."""
        return self.state.prepared(f"{self.name}/{name}" if self.name else name, count, make, codec)


@dataclass(frozen=True)
class StageData:
    """What a stage learns from.

    Attributes:
        training: labelled sequences.
        validation: labelled sequences that the weights are compared on, and never learned from.
        loss: instead of the one that the stage's settings name, where it has one.
    """

    training: list[Labelled]
    validation: list[Labelled] = field(default_factory=list)
    loss: nn.Module | None = None

    @property
    def has_embeddings(self) -> bool:
        """Whether there are embeddings to train on."""
        return any(item.sequence.embeddings is not None for item in self.training)


@dataclass(frozen=True)
class Job:
    """One stage.

    Attributes:
        model: the networks so far; they stay as they are, but for what the stage trains.
        recipe: of the model.
        data: what is learned from.
        seed: of initialisation, order and augmentation.
        fresh: whether the model has learned nothing yet.
        context: the run.
    """

    model: Model
    recipe: ModelRecipe
    data: StageData
    seed: int = 0
    fresh: bool = False
    context: Context = field(default_factory=Context)


Trained = tuple[Model, ModelRecipe]
