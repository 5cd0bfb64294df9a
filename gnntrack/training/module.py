"""The training step, as Lightning wants it."""

from __future__ import annotations

from typing import Any

import lightning.pytorch as lightning
import torch
from torch import Tensor, nn
from torch_geometric.data import Data

from gnntrack.errors import DataError
from gnntrack.models.settings import TrainingSettings
from gnntrack.training.schedule import optimizer_and_schedule


class AssociationTraining(lightning.LightningModule):
    """An encoder, the loss that trains it and the schedule.

    Args:
        model: graph in, link logits out.
        loss: ``loss(logits, data)`` gives ``total`` and ``parts``.
        settings: learning rate and epochs.
    """

    def __init__(self, model: nn.Module, loss: nn.Module, settings: TrainingSettings) -> None:
        super().__init__()
        self.model, self.loss, self.settings = model, loss, settings

    def training_step(self, batch: Data, batch_index: int) -> Tensor:
        """Scores a batch of window graphs and gives the loss."""
        return self._step(batch, "train")

    def validation_step(self, batch: Data, batch_index: int) -> None:
        """The same without learning."""
        self._step(batch, "validation")

    def _step(self, batch: Data, stage: str) -> Tensor:
        logits = self.model(batch)
        result = self.loss(logits, batch)
        total: Tensor = result.total
        if not torch.isfinite(total):
            raise DataError(f"loss is {total.item()}, {_where(batch, logits)}", remedy="the last good weights are kept")
        values = {f"{stage}/{name}": value for name, value in result.parts.items()} | {f"{stage}/total": total.detach()}
        if logits.numel():
            right = (logits.detach() > 0) == (batch.edge_label > 0.5)
            values[f"{stage}/accuracy"] = right.float().mean()
        self.log_dict(values, on_step=False, on_epoch=True, batch_size=int(batch.num_graphs))
        return total

    def configure_optimizers(self) -> Any:
        """See :func:`optimizer_and_schedule`."""
        return optimizer_and_schedule(self, self.settings, int(self.trainer.estimated_stepping_batches))


def _where(batch: Any, logits: Tensor) -> str:
    """Sequences and frames of the graphs with a score that is not finite (all of the batch if there is none)."""
    graph = batch.batch[batch.edge_index[0]]
    bad = torch.unique(graph[~torch.isfinite(logits)]).tolist() or range(batch.num_graphs)
    places = []
    for number in bad:
        frames = batch.frame[batch.batch == number].tolist()
        places.append(f"{batch.name[number]} frames {min(frames, default=0)} to {max(frames, default=0)}")
    return "; ".join(places[:4])
