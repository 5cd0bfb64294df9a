"""Rollouts, the network that steers them, and its loss."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch_geometric.data import Batch, Data

from gnntrack.association.network import LinkScores
from gnntrack.losses import LinkLoss, SumLoss, UniTrackLoss
from gnntrack.losses.graph import LinkGraph, link_graph
from gnntrack.models import AssociationNetwork, AssociationStageSettings, ModelRecipe
from gnntrack.training.batches import WindowRecorder, as_one, frame_batch
from gnntrack.training.clips import ClipSource
from gnntrack.training.job import Job
from gnntrack.training.precision import in_full
from gnntrack.training.rollout import Rollout
from gnntrack.training.stage import Stage, Validation
from gnntrack.training.step import Step
from gnntrack.training.validation import SCORE, association_scores

#: Weight of the link loss in rounds before the last (deep supervision), and of "is this detection an object?".
EARLY_ROUNDS, REAL = 0.3, 0.3
#: Share of the old in the running mean of the weights that is kept as the result.
AVERAGING = 0.999
#: Steps in which the share of the network's own links rises: at first it has none, and all detections would be tracks.
FIRST_STEPS = 200


class RolloutTraining(Stage):
    """Rollouts, the network that steers them, and its loss.

    In every step each rollout goes through a few frames. The link loss applies to the links of each frame, after every
    round of message passing; UniTrack applies to the window graph of these frames. After every epoch the
    held-out videos are tracked online by the network with the running mean of the weights, which is the result.

    Args:
        model: the network.
        recipe: thresholds with which validation videos are tracked.
        loss: a link loss, UniTrack or both.
        settings: how training goes.
        source: of clips.
        job: gives the validation videos, of which detections with an identity are the truth, and the seed of clips and
            life cycles; every epoch starts from it again.
    """

    def __init__(
        self,
        model: AssociationNetwork,
        recipe: ModelRecipe,
        loss: nn.Module,
        settings: AssociationStageSettings,
        source: ClipSource,
        job: Job,
    ) -> None:
        super().__init__()
        self.model, self.recipe, self.loss, self.settings, self.source = model, recipe, loss, settings, source
        self.held_out, self.seed, self.start_counts = job.data.validation, job.seed, not job.fresh
        self.scoring = job.context.scoring
        self.steps = settings.steps
        parts = [loss.link, loss.unitrack] if isinstance(loss, SumLoss) else [loss]
        self.link = next((part for part in parts if isinstance(part, LinkLoss)), None)
        self.unitrack = next((part for part in parts if isinstance(part, UniTrackLoss)), None)
        self.averaged = torch.optim.swa_utils.AveragedModel(model, multi_avg_fn=_running_mean)
        self._epoch, self._rollouts = 0, list[Rollout]()

    def learned(self) -> nn.Module:
        """The network and the loss, which may have weights to learn; the running mean has none."""
        return nn.ModuleList([self.model, self.loss])

    def result(self) -> AssociationNetwork:
        """The network with the running mean of the weights."""
        network = self.averaged.module
        assert isinstance(network, AssociationNetwork)
        return network

    def begin(self, epoch: int, step: int, memory: Any = None) -> None:
        """Begins new rollouts, or goes on with those of a checkpoint."""
        self._epoch = epoch
        self._rollouts = [
            Rollout(self.source, [self.seed, epoch, number], self.settings.own, self.model.settings)
            for number in self.ranks.share(range(self.settings.batch_size))
        ]
        if step:
            for rollout, kept in zip(self._rollouts, self.ranks.share(memory), strict=True):
                rollout.restore(kept)

    def memory(self) -> list[dict[str, Any]]:
        """Where each rollout stands."""
        return self.ranks.joined([rollout.memory() for rollout in self._rollouts])

    def forward(self, step: int) -> list[Tensor]:
        """Tracks on through a few frames and gives the loss."""
        self.found = Step()
        windows: list[WindowRecorder] = []
        frames = self.settings.window
        share = min(1.0, (self._epoch * self.steps + step) / FIRST_STEPS)
        for rollout in self._rollouts:
            rollout.own = share * self.settings.own
        for _ in range(frames):
            for rollout in self._rollouts:
                rollout.next()
            batch = frame_batch(self._rollouts).to(self.device)
            with self.scoring():
                scores = in_full(self.model.scores(batch))
            self._frame_loss(scores, as_one(batch))
            counts = [len(rollout.label) for rollout in self._rollouts]
            if self.unitrack is not None:
                windows = _record(self._rollouts, windows, torch.split(scores.logits[-1], counts))
            chances = torch.split(scores.probability.detach().cpu(), counts)  # fetched at once: a GPU is waited for
            for rollout, probability in zip(self._rollouts, chances, strict=True):
                rollout.commit(probability.numpy())
        if self.unitrack is not None:
            self._window_loss(windows)
        return self.found.parts

    def after_step(self) -> None:
        """Lets the running mean of the weights follow."""
        self.averaged.update_parameters(self.model)

    def validate(self, keep_going: Callable[[], None]) -> Validation | None:
        """The mean HOTA over the held-out videos."""
        if not self.held_out:
            return None
        score = float(association_scores(self.held_out, self.result(), self.recipe, keep_going, self.ranks).mean())
        return Validation(f"validation HOTA {100 * score:.2f}", {SCORE: score}, score)

    def _frame_loss(self, scores: LinkScores, data: Data) -> None:
        """Link loss after every round, and "is this detection an object?"."""
        real = torch.from_numpy(np.concatenate([rollout.real for rollout in self._rollouts])).float().to(self.device)
        scale = 1.0 / self.settings.window
        self.found.add(REAL * scale * functional.binary_cross_entropy_with_logits(scores.real, real), len(real))
        if self.link is not None:
            graph = link_graph(scores.logits[-1], data)
            results = [self.link.evaluate(logits, graph) for logits in scores.logits]
            early = sum((EARLY_ROUNDS * result.total for result in results[:-1]), results[-1].total)
            self.found.add(scale * early, self._count(graph), results[-1].parts)
        right = (scores.logits[-1].detach() > 0) == (data.edge_label > 0.5)
        self.found.note({"accuracy": float(right.float().mean())}, len(right))

    def _count(self, graph: LinkGraph) -> int:
        """Over how much the link loss goes."""
        return 1 if self.link is None or self.ranks.alone else self.link.count(graph)

    def _window_loss(self, windows: list[WindowRecorder]) -> None:
        """UniTrack on the window graphs."""
        assert self.unitrack is not None
        logits = torch.cat([part for window in windows for part in window.logits])
        result = self.unitrack(logits, Batch.from_data_list([window.data() for window in windows]).to(self.device))
        summed = self.unitrack.reduction == "sum"
        self.found.add(result.total, None if summed else len(windows))
        self.found.note(result.parts, len(windows))


def _record(rollouts: list[Rollout], windows: list[WindowRecorder], logits: Sequence[Tensor]) -> list[WindowRecorder]:
    """Adds the frame that each rollout stands at to its window; a new clip begins a new window."""
    going = {id(window.clip): window for window in windows}
    for rollout, part in zip(rollouts, logits, strict=True):
        window = going.get(id(rollout.clip))
        if window is None:
            window = WindowRecorder(rollout)
            windows = [*windows, window]
        window.add(rollout, part)
    return windows


def _running_mean(averaged: Any, current: Any, count: Any) -> None:
    """Exponential, with a short memory at first, so that short runs forget where they began."""
    share = min(AVERAGING, (1.0 + float(count)) / (10.0 + float(count)))
    torch._foreach_lerp_(averaged, current, 1.0 - share)
