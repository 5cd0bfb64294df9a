"""Batches of window graphs, made when they are asked for, or by other processes while the network learns."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from typing import Any

from torch.utils.data import DataLoader
from torch_geometric.data import Batch, Data

from gnntrack.errors import MachineError
from gnntrack.training.interruption import SIGNALS
from gnntrack.training.joining import Packed, joined
from gnntrack.training.windows import WindowDataset

#: Batches that each worker makes ahead.
AHEAD = 2
_Keys = list[tuple[int, int]]


class WindowBatches:
    """Makes batches in the order of a plan; they are the same whoever makes them.

    Args:
        windows: a graph for every epoch and position.
        workers: processes that make batches ahead; 0: none, they are made when they are asked for.
    """

    def __init__(self, windows: WindowDataset, workers: int = 0) -> None:
        self.windows, self.workers = windows, workers
        self._plan: list[_Keys] = []
        self._loader = self._opened() if workers else None

    def of(self, epoch: int, plan: Sequence[Sequence[int]]) -> Iterator[Batch | None]:
        """The batches of an epoch, None for those of no window.

        Args:
            epoch: its number.
            plan: positions of each batch's windows.

        Raises:
            MachineError: a worker has ended.
        """
        self._plan[:] = [[(epoch, int(position)) for position in positions] for positions in plan]
        if self._loader is None:
            for keys in self._plan:
                yield joined([self.windows[key] for key in keys]) if keys else None
            return
        try:
            for packed in self._loader:
                yield None if packed is None else packed.unpacked()
        except (RuntimeError, OSError, EOFError) as error:  # the last two: what it had made cannot be fetched any more
            if isinstance(error, RuntimeError) and "DataLoader worker" not in str(error):
                raise
            remedy = "take fewer --workers, or give more memory, and pass --resume"
            raise MachineError("a process that builds windows has ended", remedy=remedy) from None

    def _opened(self) -> DataLoader[Any]:
        methods = multiprocessing.get_all_start_methods()
        context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
        context.set_forkserver_preload([__name__])  # imports once, however many workers
        return DataLoader(
            self.windows,
            batch_sampler=self._plan,
            num_workers=self.workers,
            collate_fn=_packed,
            multiprocessing_context=context,
            worker_init_fn=_ignore_signals,
            prefetch_factor=AHEAD,
            persistent_workers=True,
        )


def _packed(graphs: list[Data]) -> Packed | None:
    return Packed.of(joined(graphs)) if graphs else None


def _ignore_signals(number: int) -> None:
    """Who asks training to stop asks its first process, and a terminal asks all."""
    for one in SIGNALS:
        signal.signal(one, signal.SIG_IGN)
