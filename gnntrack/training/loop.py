"""The one training loop: steps, checkpoints, validation, the best weights, early stopping, and a line an epoch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gnntrack.errors import DataError
from gnntrack.models.training_settings import StageSettings
from gnntrack.training.agreement import agree
from gnntrack.training.determinism import deterministic, seed_of
from gnntrack.training.job import Context
from gnntrack.training.means import Means
from gnntrack.training.schedule import optimizer_and_schedule
from gnntrack.training.stage import Stage, Validation
from gnntrack.training.step import weighted

#: Stands for the weights that training began with, where an epoch's number is expected.
START = -1


@dataclass(frozen=True)
class LoopSettings:
    """How a stage is trained.

    Attributes:
        steps: of the whole training; an epoch has those of the stage, the last one what is left.
        learning_rate: peak of the schedule.
        weight_decay: of AdamW.
        gradient_clip: largest gradient norm.
        patience: epochs without a better score after which training stops; 0: never.
        seed: of all that is drawn.
    """

    steps: int
    learning_rate: float
    weight_decay: float
    gradient_clip: float = 1.0
    patience: int = 0
    seed: int = 0

    @classmethod
    def of(cls, settings: StageSettings, steps: int, seed: int, patience: int = 0) -> LoopSettings:
        """Those of a stage of a recipe."""
        return cls(
            steps, settings.learning_rate, settings.weight_decay, settings.gradient_clip, patience=patience, seed=seed
        )


def fit(stage: Stage, settings: LoopSettings, context: Context | None = None, part: str = "") -> None:
    """Trains a stage; afterwards its result has the weights of the best score, or the last, in evaluation mode.

    Args:
        stage: what is trained.
        settings: how.
        context: the run that it belongs to; without one nothing is reported or saved.
        part: which network of the stage, where it trains several.

    Raises:
        DataError: the loss is not finite, a checkpoint cannot be written, or there is no such device.
        Interrupted: a signal asked to stop; the checkpoint was written.
    """
    context = context or Context()
    name = ", ".join(filter(None, (context.name, part)))
    if name in context.state.finished:
        stage.result().load_state_dict(context.state.finished[name])
    else:
        with deterministic(context.fabric.device):
            _Fit(stage, settings, context, part, name).run()
        weights = {key: tensor.detach().clone() for key, tensor in stage.result().state_dict().items()}
        context.state.finish(name, weights)
    stage.cpu().eval()


class _Learned(nn.Module):
    """A stage of which Lightning sees no more than what is learned; it is called as the stage is."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.learned, self._stage = stage.learned(), (stage,)

    def forward(self, step: int) -> list[Tensor]:
        with torch.autocast(self._stage[0].device.type, enabled=False):  # losses are; networks say where they score
            parts: list[Tensor] = self._stage[0](step)
        total = sum(float(part.detach()) for part in parts)
        if not np.isfinite(total):
            raise DataError(f"loss is {total}", remedy="lower the learning rate")
        return parts


@dataclass
class _Best:
    """The best score so far, where it was reached, and the weights that reached it."""

    score: float
    message: str
    epoch: int
    weights: dict[str, Tensor]


class _Fit:
    """A stage while it is trained; ``epoch`` and ``step`` say which step comes next."""

    def __init__(self, stage: Stage, settings: LoopSettings, context: Context, part: str, name: str) -> None:
        self.stage, self.settings, self.context = stage, settings, context
        self.state, self.report, self.ranks = context.state, context.report, context.ranks
        stage.ranks = context.ranks
        self.part, self.prefix = part, f"{name}, " if name else ""
        self.epochs = -(-settings.steps // stage.steps)
        self.optimizer, self.scheduler = optimizer_and_schedule(stage.learned(), settings, settings.steps)
        self.epoch, self.step = 0, 0
        self.start = ""
        self.best: _Best | None = None
        self.memory: Any = None

    def run(self) -> None:
        """Trains; the stage's result has the best weights afterwards."""
        self.context.fabric.to_device(self.stage)
        module, optimizer = self.context.fabric.setup(_Learned(self.stage), self.optimizer)
        if self.state.current is not None:
            self._restore(self.state.current)
        else:
            self._score_start()
        while self.epoch < self.epochs:
            self.stage.begin(self.epoch, self.step, self.memory)
            self.stage.train()
            while self.step < self._steps():
                self._learn(module, optimizer)
                self.step += 1
                self.report.moved(self._place(), self.step, self._steps())
                if self.state.due():
                    self._save()
                    self.state.keep_going()
            self._end_epoch()
        if self.best is not None:
            self.stage.result().load_state_dict(self.best.weights)
        self.report.line(f"{self.prefix}kept {self._kept()}")

    def _learn(self, module: Any, optimizer: Any) -> None:
        """One step."""
        fabric, ranks = self.context.fabric, self.ranks
        own = () if ranks.alone else (ranks.rank,)  # else all would drop the same in dropout
        torch.manual_seed(seed_of(self.settings.seed, self.epoch, self.step, *own))
        parts = ranks.together(lambda: module(self.step))
        shares = ranks.shares(self.stage.found.counts)
        loss = weighted(parts, shares)
        self.stage.log(float(loss.detach()), shares)
        agree(self.stage, ranks)
        optimizer.zero_grad()
        fabric.backward(loss * ranks.count)  # of gradients the mean over processes is taken
        clip = self.settings.gradient_clip
        fabric.clip_gradients(module, optimizer, max_norm=clip, error_if_nonfinite=False)
        optimizer.step()
        self.scheduler.step()
        self.stage.after_step()

    def _kept(self) -> str:
        """Which weights are the result, and why."""
        if self.best is None:
            shown = self.state.rows and any(name.startswith("validation/") for name in self.state.rows[-1])
            return f"the last weights: {'validation is shown, and chooses none' if shown else 'nothing was validated'}"
        if self.best.epoch == START:
            return "the weights of the start: no epoch has a higher score"
        start = f" (start: {self.start})" if self.start else ""
        return f"the weights of epoch {self.best.epoch + 1}: {self.best.message}{start}"

    def _place(self) -> str:
        return f"{self.prefix}epoch {self.epoch + 1}/{self.epochs}"

    def _steps(self) -> int:
        """Steps of the epoch at hand."""
        return min(self.stage.steps, self.settings.steps - self.epoch * self.stage.steps)

    def _score_start(self) -> None:
        found = self._validate()
        if found is not None:
            self.start = found.message
            self.report.line(f"{self.prefix}start: {found.message}")
            if self.stage.start_counts and found.score is not None:
                self.best = _Best(found.score, found.message, START, self._weights())

    def _validate(self) -> Validation | None:
        self.stage.eval()
        return self.stage.validate(self.state.keep_going)

    def _end_epoch(self) -> None:
        """Validates, logs, keeps the best, and goes on to the next epoch, or to the end."""
        self._save()  # validation may take minutes
        found = self._validate()
        means, done = self._means().values(), self.epoch * self.stage.steps + self.step
        figures = means | (found.figures if found else {})
        network = {"network": self.part} if self.part else {}
        self.state.rows.append(network | {"epoch": self.epoch, "step": done} | dict(sorted(figures.items())))
        if self.context.log is not None:
            self.context.log(self.state.rows)
        line = f"{self._place()}, step {done}/{self.settings.steps}: loss {means.get('train/total', np.nan):.4g}"
        if found is not None:
            line += f", {found.message}" + ("" if found.score is None else self._keep_best(found, found.score))
        self.report.line(line)
        patience, waited = self.settings.patience, 0 if self.best is None else self.epoch - self.best.epoch
        self.epoch, self.step, self.memory, self.stage.means = self.epoch + 1, 0, None, Means()
        if patience and waited >= patience and self.best is not None and self.epoch < self.epochs:
            reason = f"{waited} epochs without a better score than {self.best.message} (patience: {patience})"
            self.report.line(f"{self.prefix}stopped early after epoch {self.epoch} of {self.epochs}: {reason}")
            self.epoch = self.epochs

    def _keep_best(self, found: Validation, score: float) -> str:
        if self.best is None or score > self.best.score:
            self.best = _Best(score, found.message, self.epoch, self._weights())
            return " (best)"
        return " (best: the start)" if self.best.epoch == START else f" (best: epoch {self.best.epoch + 1})"

    def _weights(self) -> dict[str, Tensor]:
        return {name: tensor.detach().clone() for name, tensor in self.stage.result().state_dict().items()}

    def _means(self) -> Means:
        """Figures of the epoch so far, over all processes."""
        return Means.merged(self.ranks.gather(self.stage.means.sums))

    def _save(self) -> None:
        self.state.save(
            {
                "epoch": self.epoch,
                "step": self.step,
                "stage": self.stage.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "scheduler": self.scheduler.state_dict(),
                "precision": self.context.fabric.strategy.precision.state_dict(),
                "memory": self.stage.memory(),
                "means": self._means().sums,
                "start": self.start,
                "best": None if self.best is None else vars(self.best),
            }
        )

    def _restore(self, kept: dict[str, Any]) -> None:
        self.stage.load_state_dict(kept["stage"])
        self.optimizer.load_state_dict(kept["optimizer"])
        self.scheduler.load_state_dict(kept["scheduler"])
        if kept.get("precision"):  # how gradients of float16 are scaled
            self.context.fabric.strategy.precision.load_state_dict(kept["precision"])
        self.epoch, self.step, self.start = kept["epoch"], kept["step"], kept["start"]
        self.memory = kept["memory"]
        self.stage.means = Means(kept["means"] if self.ranks.main else None)  # they are of all processes
        self.best = None if kept["best"] is None else _Best(**kept["best"])
        self.report.line(f"{self._place()}: resumed after step {self.step} of {self._steps()}")
