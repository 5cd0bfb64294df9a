"""What a user chooses for one training run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gnntrack.training.run_state import INTERVAL


@dataclass(frozen=True)
class RunOptions:
    """What a user chooses for one run.

    Attributes:
        seed: of initialisation, order and augmentation.
        epochs: instead of the recipe's, in stages that have epochs.
        resume: go on from ``last.safetensors`` in the run folder.
        overwrite: replace an earlier run in the folder.
        progress: tell on stderr how it goes: a line an epoch, on a terminal also a bar.
        start: weights to begin from, a shipped name or a file, instead of random ones. They bring all of their recipe
            but its stages. Networks that no stage trains stay as they are.
        checkpoint_every: seconds between checkpoints; one is written at the end of every epoch that is validated, and
            at SIGINT and SIGTERM, too.
        accelerator: where networks are trained, as Lightning calls it. The CPU, unless said otherwise: the networks
            are small, tracking is not done on a GPU, and the same seed gives the same bytes everywhere.
        devices: how many of a machine, or which, as Lightning takes it: ``1,`` is the second. Each has a process of its
            own; they share out every batch.
        nodes: machines. Each runs the same command; ``docs/scale.md`` says how they find each other.
        strategy: how several processes train one network: ``auto`` and ``ddp`` of Lightning.
        precision: of networks, as Lightning takes it: ``32``, ``bf16`` or ``16`` (``32-true``, ``bf16-mixed``,
            ``16-mixed``). In mixed precision networks score in half precision; losses, weights, validation and all
            that tracks stay as they are. A run may go on in another precision.
        workers: processes, for each device, that build the windows of a window stage ahead of its steps; the weights
            are the same for any number. A script that asks for some keeps what it does behind ``if __name__ ==
            "__main__":``, as they begin by importing it.
        loggers: of :data:`gnntrack.training.loggers.LOGGERS`, beside our own log.
    """

    seed: int = 0
    epochs: int | None = None
    resume: bool = False
    overwrite: bool = False
    progress: bool = True
    start: str | Path | None = None
    checkpoint_every: float = INTERVAL
    accelerator: str = "cpu"
    devices: str = "1"
    nodes: int = 1
    strategy: str = "auto"
    precision: str = "32"
    workers: int = 0
    loggers: tuple[str, ...] = ()
