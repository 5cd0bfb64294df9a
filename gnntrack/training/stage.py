"""What the training loop trains: one network with its data and its loss."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gnntrack.training.means import Means
from gnntrack.training.ranks import ALONE, Ranks
from gnntrack.training.step import Step


@dataclass(frozen=True)
class Validation:
    """The result of a validation.

    Attributes:
        message: in words, for the line of the epoch.
        figures: for the log, by name.
        score: higher is better; the weights with the highest are the result. None: the last weights are.
    """

    message: str
    figures: dict[str, float] = field(default_factory=dict)
    score: float | None = None


class Stage(nn.Module):
    """One network to train; calling it with the number of a step of the epoch gives the parts of that step's loss.

    A step depends on seed, epoch and number alone, on the weights, and on what :meth:`memory` gives: so a run that
    goes on from a checkpoint equals one that was never interrupted. ``state_dict()`` holds all tensors that matter.

    Attributes:
        steps: of an epoch.
        means: figures of the epoch so far, for the log; those of this process.
        ranks: the processes that share out each batch.
        found: what the last call found, of this process's share.
        start_counts: whether the weights of the start are the result where no epoch has a higher score: where training
            goes on with a network that has learned already.
    """

    steps: int
    start_counts = False
    ranks: Ranks = ALONE

    def __init__(self) -> None:
        super().__init__()
        self.means, self.found = Means(), Step()

    @property
    def device(self) -> torch.device:
        """Where the weights are, and all that meets them."""
        return next(self.learned().parameters()).device

    def learned(self) -> nn.Module:
        """Whose parameters the optimiser changes."""
        raise NotImplementedError

    def result(self) -> nn.Module:
        """The network whose weights are the outcome."""
        raise NotImplementedError

    def begin(self, epoch: int, step: int, memory: Any = None) -> None:
        """Gets ready for an epoch, from ``step`` on.

        Args:
            epoch: counted from 0.
            step: the first to come.
            memory: of the run that is resumed, where ``step`` is not 0.
        """

    def log(self, loss: float, shares: Sequence[float]) -> None:
        """Adds what the last call found to the means.

        Args:
            loss: what this process adds to the loss of the batch.
            shares: of this process in what the call found.
        """
        self.found.log(self.means, shares)
        self.means.add({"train/total": loss * self.ranks.count}, 1.0 / self.ranks.count)

    def after_step(self) -> None:
        """Called once the optimiser has changed the weights."""

    def memory(self) -> Any:
        """What besides tensors the next steps depend on, as JSON values and arrays; the same on all processes."""
        return None

    def validate(self, keep_going: Callable[[], None]) -> Validation | None:
        """Validates, in evaluation mode; None without validation data. All processes have the same result.

        Args:
            keep_going: to be called between videos, as often on all processes; it raises where training is to stop.
        """
        return None


class FunctionStage(Stage):
    """A network with a function that draws a batch and gives its loss.

    Args:
        network: is trained.
        loss: of this process's share of a batch that is drawn with the generator of the step, and over how much it
            is a mean.
        steps: of an epoch.
        seed: of the batches.
        judge: validates the network, which is in evaluation mode; without it the last weights are kept.
        start_counts: see :class:`Stage`.
    """

    def __init__(
        self,
        network: nn.Module,
        loss: Callable[[np.random.Generator, Ranks], tuple[Tensor, float]],
        steps: int,
        seed: int,
        judge: Callable[[Ranks], Validation] | None = None,
        start_counts: bool = False,
    ) -> None:
        super().__init__()
        self.start_counts = start_counts
        self.network, self.loss, self.steps, self.seed, self.judge = network, loss, steps, seed, judge
        self._epoch = 0

    def learned(self) -> nn.Module:
        """The network."""
        return self.network

    def result(self) -> nn.Module:
        """The network."""
        return self.network

    def begin(self, epoch: int, step: int, memory: Any = None) -> None:
        """Notes the epoch: batches depend on it."""
        self._epoch = epoch

    def forward(self, step: int) -> list[Tensor]:
        """The loss of the step's batch."""
        self.found = Step()
        self.found.add(*self.loss(np.random.default_rng([self.seed, self._epoch, step]), self.ranks))
        return self.found.parts

    def validate(self, keep_going: Callable[[], None]) -> Validation | None:
        """The result of the judge."""
        return None if self.judge is None else self.judge(self.ranks)
