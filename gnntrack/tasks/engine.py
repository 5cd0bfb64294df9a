"""Doing tasks: in this process while they are few, else in those of a Dask cluster."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import ExitStack, contextmanager
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

from gnntrack.tasks.imports import begin_to_import
from gnntrack.tasks.outcome import Outcome, Task, Work, attempt
from gnntrack.tasks.workers import Workers

if TYPE_CHECKING:
    from gnntrack.tasks.cluster import Cluster

Result = TypeVar("Result")
#: Shows how far it is: takes outcomes, their number and what is done, gives the outcomes.
Progress = Callable[[Iterator[Outcome[Any]], int, str], Iterator[Outcome[Any]]]
#: Seconds of work that one process is left with: others cost 2 s of a CPU before they do anything.
SMALL = 25.0


class Engine:
    """Does tasks.

    Args:
        workers: where.
        stack: closes what is opened.
        progress: shows how far it is, where whoever asks for work does not say so.
        module: that other processes import at their start; None: that of the first work.
    """

    def __init__(
        self, workers: Workers, stack: ExitStack, progress: Progress | None = None, module: str | None = None
    ) -> None:
        self.workers, self.progress = workers, progress or no_progress
        self._stack, self._module = stack, module
        self._open: Cluster | None = None

    def run(
        self, work: Work[Result], tasks: Iterable[Task], seconds: float | None = None, follows: float = 0.0
    ) -> Iterator[Outcome[Result]]:
        """Yields the outcome of every task, as soon as it is there.

        Args:
            work: what to do; a function with a name in a module.
            tasks: plain values; taken one by one, no more of them than are being done.
            seconds: that one process would take for all, about; None: the first tasks tell.
            follows: other work that comes after it, in multiples of this: it decides whether other processes pay.

        Raises:
            DataError: the cluster cannot be reached, or is gone.
        """
        total = len(tasks) if isinstance(tasks, Sized) else None
        spent, left = list[float](), enumerate(tasks)
        for number, task in left:
            expected = seconds if seconds is not None else _usual(spent) * (total or number)
            if self._elsewhere((1 + follows) * expected, alone=total == number + 1):
                yield from self._opened(work).run(work, chain([(number, task)], left))
                return
            start = time.process_time()
            outcome = attempt(work, number, task)
            spent.append(time.process_time() - start)
            yield outcome

    def soon(self, work: Work[Any], seconds: float) -> None:
        """Says that work is coming: where other processes will pay, they begin to import, while more is done here.

        Args:
            work: a function with a name in a module.
            seconds: that one process would take for it, about.
        """
        if self._open is None and self.workers.scheduler is None and self._elsewhere(seconds, alone=False):
            begin_to_import(self._module or work.__module__)

    def _elsewhere(self, seconds: float, alone: bool) -> bool:
        """Whether the tasks that are left go to other processes: so many seconds of work in all, or only one."""
        workers = self.workers
        if workers.here or self._open is not None:
            return not workers.here
        return workers.scheduler is not None or workers.memory is not None or (seconds > SMALL and not alone)

    def _opened(self, work: Work[Result]) -> Cluster:
        if self._open is None:
            from gnntrack.packages import needed_package

            with needed_package("work in several processes"):
                from gnntrack.tasks.cluster import connected
            self._open = self._stack.enter_context(connected(self.workers, self._module or work.__module__))
        return self._open


def _usual(spent: list[float]) -> float:
    """Seconds of a task; the first one also imports what all need, two seconds at most."""
    return sum(spent[1:]) / (len(spent) - 1) if spent[1:] else max(0.0, sum(spent) - 2.0)


#: Where tasks are done: in so many processes, as said in full, or by what was opened already.
Where = int | Workers | Engine


@contextmanager
def opened(workers: Where = 1, progress: Progress | None = None, module: str | None = None) -> Iterator[Engine]:
    """Yields what does tasks; other processes are started when they pay, and ended with the block.

    Args:
        workers: where; an engine that is there already stays open.
        progress: see :class:`Engine`.
        module: likewise.

    Example:
        >>> with opened() as engine:
        ...     sorted(outcome.got() for outcome in engine.run(len, [{"a": 1}, {}]))
        [0, 1]
    """
    if isinstance(workers, Engine):
        yield workers
        return
    with ExitStack() as stack:
        yield Engine(Workers.of(workers), stack, progress, module)


def no_progress(outcomes: Iterator[Outcome[Any]], total: int, what: str) -> Iterator[Outcome[Any]]:
    """Shows nothing."""
    return outcomes
