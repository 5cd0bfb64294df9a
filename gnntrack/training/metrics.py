"""The training log: one CSV row an epoch, whole at any moment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lightning.pytorch as lightning
import pandas as pd

from gnntrack.files import atomic_path


class MetricsFile(lightning.Callback):
    """Writes ``epoch, step, train/<part>, validation/<part>`` to a CSV file after every epoch.

    A resumed run keeps the rows of the epochs before it.

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._rows: list[dict[str, float]] = []

    def on_train_start(self, trainer: lightning.Trainer, module: lightning.LightningModule) -> None:
        """Reads the rows of earlier epochs, when training goes on from a checkpoint."""
        if trainer.current_epoch and self.path.is_file():
            table = pd.read_csv(self.path)
            self._rows = table[table["epoch"] < trainer.current_epoch].to_dict("records")

    def on_train_epoch_end(self, trainer: lightning.Trainer, module: lightning.LightningModule) -> None:
        """Adds the epoch's row."""
        row: dict[str, Any] = {"epoch": trainer.current_epoch, "step": trainer.global_step}
        row |= {name: float(value) for name, value in sorted(trainer.callback_metrics.items()) if "/" in name}
        self._rows.append(row)
        with atomic_path(self.path) as temporary:
            pd.DataFrame(self._rows).to_csv(temporary, index=False)
