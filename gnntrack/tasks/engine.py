"""Doing tasks: in this process while they are few, else in those of a Dask cluster."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, TypeVar

from gnntrack.tasks.outcome import Outcome, Task, Work, attempt
from gnntrack.tasks.workers import Workers

if TYPE_CHECKING:
    from gnntrack.tasks.cluster import Cluster

Result = TypeVar("Result")
#: Seconds of work that one process is left with: others cost 3 s of a CPU before they do anything.
SMALL = 25.0


class Engine:
    """Does tasks.

    Args:
        workers: where.
        stack: closes what is opened.
    """

    def __init__(self, workers: Workers, stack: ExitStack) -> None:
        self.workers = workers
        self._stack = stack
        self._open: Cluster | None = None

    def run(self, work: Work[Result], tasks: Sequence[Task], seconds: float | None = None) -> Iterator[Outcome[Result]]:
        """Yields the outcome of every task, as soon as it is there.

        Args:
            work: what to do; a function with a name in a module.
            tasks: plain values.
            seconds: that one process would take for all, about; None: the first tasks tell.

        Raises:
            DataError: the cluster cannot be reached, or is gone.
        """
        spent, done = 0.0, 0
        while done < len(tasks):
            expected = seconds if seconds is not None else spent / max(done, 1) * len(tasks)
            if self._elsewhere(len(tasks) - done, expected * (1 - done / len(tasks))):
                yield from self._opened(work).run(work, tasks, range(done, len(tasks)))
                return
            start = time.process_time()
            outcome = attempt(work, done, tasks[done])
            spent += time.process_time() - start
            done += 1
            yield outcome

    def _elsewhere(self, left: int, seconds: float) -> bool:
        """Whether the tasks that are left go to other processes."""
        workers = self.workers
        if workers.here or self._open is not None:
            return not workers.here
        return workers.scheduler is not None or workers.memory is not None or (left > 1 and seconds > SMALL)

    def _opened(self, work: Work[Result]) -> Cluster:
        if self._open is None:
            from gnntrack.packages import needed_package

            with needed_package("work in several processes"):
                from gnntrack.tasks.cluster import connected
            self._open = self._stack.enter_context(connected(self.workers, work.__module__))
        return self._open


@contextmanager
def opened(workers: Workers) -> Iterator[Engine]:
    """Yields what does tasks; other processes are started when they pay, and ended with the block.

    Example:
        >>> with opened(Workers()) as engine:
        ...     sorted(outcome.got() for outcome in engine.run(len, [{"a": 1}, {}]))
        [0, 1]
    """
    with ExitStack() as stack:
        yield Engine(workers, stack)
