"""Several processes of a training as threads of one: they share out and tell each other as processes do."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from gnntrack.training.ranks import Ranks


class ThreadRanks(Ranks):
    """Ranks whose messages go through a list in memory."""

    def __init__(self, rank: int, meeting: threading.Barrier, table: list[Any]) -> None:
        super().__init__(rank, meeting.parties)
        self.meeting, self.table = meeting, table

    def gather(self, value):
        self.table[self.rank] = value
        self.meeting.wait(20)
        values = list(self.table)
        self.meeting.wait(20)
        return values

    def sums(self, values):
        return np.sum(self.gather(np.asarray(values, dtype=np.float64)), axis=0)


def together(count: int, work: Callable[[Ranks], Any]) -> list[Any]:
    """What ``work`` gives on each of ``count`` ranks."""
    meeting, table = threading.Barrier(count), [None] * count
    with ThreadPoolExecutor(count) as pool:
        futures = [pool.submit(work, ThreadRanks(rank, meeting, table)) for rank in range(count)]
        return [future.result() for future in futures]
