"""Training of a network of window graphs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch_geometric.data import Batch

from gnntrack.errors import DataError
from gnntrack.losses import SumLoss, UniTrackLoss, build_loss
from gnntrack.models import WindowStageSettings
from gnntrack.precision import full_precision
from gnntrack.training.job import Job, Trained
from gnntrack.training.joining import joined
from gnntrack.training.loading import WindowBatches
from gnntrack.training.loop import LoopSettings, fit
from gnntrack.training.means import Means
from gnntrack.training.precision import Scoring
from gnntrack.training.stage import Stage, Validation
from gnntrack.training.step import Step
from gnntrack.training.windows import WindowDataset, epoch_order


def train_window_network(job: Job, settings: WindowStageSettings) -> Trained:
    """Trains a network of window graphs.

    Args:
        job: the network and its data.
        settings: how.

    Raises:
        DataError: the loss became NaN.
        Interrupted: a signal asked to stop.
    """
    windows = WindowDataset(job.data.training, job.recipe.graph, settings.augmentation, job.seed)
    held_out = WindowDataset(job.data.validation, job.recipe.graph)
    loss = job.data.loss or build_loss(settings.loss)
    stage = WindowTraining(
        job.model.train(),
        loss,
        windows,
        held_out,
        settings.batch_size,
        job.seed,
        job.context.workers,
        job.context.scoring,
    )
    fit(stage, LoopSettings.of(settings, settings.epochs * stage.steps, job.seed), job.context)
    return job.model.eval(), job.recipe


#: Figures for the log, and over how much they are means.
Figures = tuple[dict[str, float], int]


class WindowTraining(Stage):
    """A network, the windows that it learns from, and its loss.

    Args:
        model: graph in, link logits out.
        loss: ``loss(logits, data)`` gives ``total`` and ``parts``.
        windows: training windows.
        held_out: validation windows.
        batch_size: windows a step.
        seed: of the order.
        workers: processes that build windows ahead.
        scoring: in it, the network scores: in the precision of the run.
    """

    def __init__(
        self,
        model: nn.Module,
        loss: nn.Module,
        windows: WindowDataset,
        held_out: WindowDataset,
        batch_size: int,
        seed: int,
        workers: int = 0,
        scoring: Scoring = nullcontext,
    ) -> None:
        super().__init__()
        self.scoring = scoring
        self.model, self.loss, self.windows, self.held_out = model, loss, windows, held_out
        self.batch_size, self.seed = batch_size, seed
        self.steps = -(-len(windows) // batch_size)
        self.batches = WindowBatches(windows, workers)
        self._batches: Iterator[Batch | None] = iter(())

    def learned(self) -> nn.Module:
        """Both: a loss may have weights to learn."""
        return nn.ModuleList([self.model, self.loss])

    def result(self) -> nn.Module:
        """The network."""
        return self.model

    def begin(self, epoch: int, step: int, memory: Any = None) -> None:
        """Shuffles, and shares out what is to come."""
        order = epoch_order(len(self.windows), self.seed, epoch)
        batches = [order[first : first + self.batch_size] for first in range(0, len(order), self.batch_size)]
        self._batches = self.batches.of(epoch, [self.ranks.share(batch) for batch in batches[step:]])

    def forward(self, step: int) -> list[Tensor]:
        """Scores this process's share of a batch of window graphs and gives its loss."""
        self.found = Step()
        batch: Any = next(self._batches)
        if batch is None:  # the last batch of an epoch may have fewer windows than there are processes
            for _ in self._losses():
                self.found.add(0.0 * next(self.learned().parameters()).sum(), 0)
            return self.found.parts
        parts, found = self._loss(batch)
        for part, loss in zip(parts, self._losses(), strict=True):
            self.found.add(part, None if _is_sum(loss) else batch.num_graphs)
        _add(self.means, "train", found)
        return self.found.parts

    def log(self, loss: float, shares: Sequence[float]) -> None:
        """Nothing more: figures were added with the batch, and say over how much they are means."""

    def validate(self, keep_going: Callable[[], None]) -> Validation | None:
        """The same without learning; the weights of the end stay the result."""

        def figures_of(first: int) -> list[Figures]:
            positions = range(first, min(first + self.batch_size, len(self.held_out)))
            with torch.no_grad():
                batch = joined([self.held_out[0, position] for position in positions])
                return self._loss(batch)[1]

        if not len(self.held_out):
            return None
        means = Means()
        for found in self.ranks.each(range(0, len(self.held_out), self.batch_size), figures_of, keep_going):
            _add(means, "validation", found)
        values = means.values()
        return Validation(f"validation loss {values['validation/total']:.4g}", values)

    def _losses(self) -> list[nn.Module]:
        """The parts of the loss that sum up differently over processes."""
        loss = self.loss
        return [loss.link, loss.unitrack] if isinstance(loss, SumLoss) and _is_sum(loss.unitrack) else [loss]

    def _loss(self, batch: Any) -> tuple[list[Tensor], list[Figures]]:
        """The loss of a batch in parts, and figures for the log: means over graphs, and over links."""
        batch = batch.to(self.device)
        with self.scoring() if self.training else nullcontext():  # validated in full
            logits = full_precision(self.model(batch))
        results = [loss(logits, batch) for loss in self._losses()]
        total = float(sum(result.total.detach() for result in results))
        if not np.isfinite(total):
            raise DataError(f"loss is {total}, {_where(batch, logits)}", remedy="the last good weights are kept")
        figures = {name: float(value) for result in results for name, value in result.parts.items()} | {"total": total}
        found: list[Figures] = [(figures, batch.num_graphs)]
        if logits.numel():
            right = (logits.detach() > 0) == (batch.edge_label > 0.5)
            found.append(({"accuracy": float(right.float().mean())}, len(right)))
        return [result.total for result in results], found


def _add(means: Means, split: str, found: list[Figures]) -> None:
    for figures, count in found:
        means.add({f"{split}/{name}": value for name, value in figures.items()}, count)


def _is_sum(loss: nn.Module) -> bool:
    """Whether the loss of a batch is the sum of those of its graphs, not their mean."""
    return isinstance(loss, UniTrackLoss) and loss.reduction == "sum"


def _where(batch: Any, logits: Tensor) -> str:
    """Sequences and frames of the graphs with a score that is not finite (all of the batch if there is none)."""
    graph = batch.batch[batch.edge_index[0]]
    bad = torch.unique(graph[~torch.isfinite(logits)]).tolist() or range(batch.num_graphs)
    places = []
    for number in bad:
        frames = batch.frame[batch.batch == number].tolist()
        places.append(f"{batch.name[number]} frames {min(frames, default=0)} to {max(frames, default=0)}")
    return "; ".join(places[:4])
