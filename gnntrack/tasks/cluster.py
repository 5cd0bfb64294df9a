"""Tasks on Dask: processes of this machine, or a cluster. Who dies in the middle costs time, never a result."""

from __future__ import annotations

import logging
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

import dask
from distributed import Client, Future, LocalCluster
from distributed.scheduler import KilledWorker

from gnntrack import __version__
from gnntrack.errors import DataWarning, MachineError
from gnntrack.tasks.imports import begin_to_import
from gnntrack.tasks.outcome import Outcome, Problem, Task, Work, attempt
from gnntrack.tasks.workers import Workers

Result = TypeVar("Result")
#: Seconds within which a scheduler must answer, at the beginning and after it was gone.
PATIENCE = 30.0
#: How often a task may get lost together with the scheduler.
_MOST_LOSSES = 20
_LOCAL = {
    "distributed.worker.multiprocessing-method": "forkserver",  # imports once, however many workers
    "distributed.worker.profile.enabled": False,
    "distributed.scheduler.allowed-failures": 4,
    # what is done again and again, whether there is work or not: as often as it comes, it took 7 % of a core
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.tick.limit": "1h",
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.scheduler.work-stealing-interval": "1s",
    "distributed.worker.memory.monitor-interval": "500ms",
    "distributed.scheduler.http.routes": [],  # no page of its own, nor of a worker
    "distributed.worker.http.routes": [],
}


class Cluster:
    """Does tasks on a cluster.

    Args:
        client: of the cluster.
        name: of the cluster, for errors.
    """

    def __init__(self, client: Client, name: str) -> None:
        self._client, self._name = client, name
        self._threads, self._asked = 1, -PATIENCE

    def run(self, work: Work[Result], tasks: Iterator[tuple[int, Task]]) -> Iterator[Outcome[Result]]:
        """Yields the outcome of numbered tasks, as soon as it is there.

        Only a few wait at the cluster: what the others hold stays here.

        Raises:
            DataError: the scheduler is gone.
        """
        ready = SimpleQueue[Future[Any]]()
        running: dict[str, tuple[Future[Any], int, Task]] = {}
        losses: Counter[int] = Counter()

        def submit(number: int, task: Task) -> None:
            future = self._client.submit(attempt, work, number, task, __version__, pure=False)
            running[str(future.key)] = future, number, task
            future.add_done_callback(ready.put)

        try:
            while True:
                while len(running) < self._ahead() and (following := next(tasks, None)) is not None:
                    submit(*following)
                if not running:
                    return
                future, number, task = running.pop(str(self._next(ready).key))
                if future.status in ("cancelled", "lost"):
                    losses[number] += 1
                    if losses[number] > _MOST_LOSSES:
                        raise self._gone()
                    self._wait_until_connected()
                    submit(number, task)
                else:
                    yield self._outcome(future, number, task)
        finally:
            with suppress(Exception):
                self._client.cancel([future for future, _, _ in running.values()], force=True)

    def _outcome(self, future: Future[Any], number: int, task: Task) -> Outcome[Any]:
        """What a future holds.

        Raises:
            MachineError: the package is not there.
        """
        error = future.exception() if future.status == "error" else None
        if isinstance(error, KilledWorker):
            problem = f"{error.allowed_failures + 1} workers ended while they did it"
            remedy = "give them more memory, or see what ends them"
            return Outcome(number, problem=Problem(problem, remedy, path=task.get("about")))
        if isinstance(error, ModuleNotFoundError):
            problem = f"a worker of {self._name} has no package {error.name}"
            raise MachineError(problem, remedy="install the same on every machine") from None
        return future.result()  # raises what is a fault of ours

    def _next(self, ready: SimpleQueue[Future[Any]]) -> Future[Any]:
        """The next future that is done."""
        while True:
            with suppress(Empty):
                return ready.get(timeout=1)
            if self._client.status in ("closing", "closed"):
                raise self._gone()
            self._ahead()

    def _wait_until_connected(self) -> None:
        """Waits for a scheduler that is gone to come back."""
        while self._client.status != "running":
            if self._client.status in ("closing", "closed"):
                raise self._gone()
            time.sleep(0.1)

    def _ahead(self) -> int:
        """How many tasks are at the cluster at a time; warns where nobody does them."""
        if time.monotonic() - self._asked > 5 and self._client.status == "running":
            self._asked = time.monotonic()
            with suppress(Exception):  # it is being restarted
                self._threads = sum(self._client.nthreads().values())
            if not self._threads:
                warnings.warn(DataWarning(f"{self._name} has no workers; waiting for some"), stacklevel=2)
        return max(8, 4 * self._threads)

    def _gone(self) -> MachineError:
        remedy = "start it again, then the command with --resume, where it has that"
        return MachineError(f"{self._name} is gone", remedy=remedy)


@contextmanager
def connected(workers: Workers, module: str) -> Iterator[Cluster]:
    """Yields a cluster: that of the scheduler, or processes of this machine, which end with the block.

    Args:
        workers: which.
        module: holds the work; processes of this machine import it once.

    Raises:
        MachineError: there is no scheduler.
    """
    for log in ("distributed", "distributed.client"):  # what matters is said in our own words
        logging.getLogger(log).setLevel(logging.CRITICAL + 1)
    if workers.scheduler is not None:
        name = f"the scheduler {workers.scheduler}"
        try:
            client = Client(workers.scheduler, timeout=PATIENCE, set_as_default=False)
        except (OSError, ImportError, ValueError):
            problem = f"{name} cannot be reached"
            raise MachineError(problem, remedy="check the address, or start it: dask scheduler") from None
        with client:
            yield Cluster(client, name)
        return
    with dask.config.set(_LOCAL):
        begin_to_import(module)
        with (
            LocalCluster(
                n_workers=workers.count,
                threads_per_worker=1,
                memory_limit=workers.bytes or "auto",
                host="127.0.0.1",
                security=True,  # others on this machine cannot connect
                dashboard_address="127.0.0.1:0",
                silence_logs=logging.CRITICAL + 1,
                preload=["gnntrack.tasks.worker"],
            ) as cluster,
            Client(cluster, set_as_default=False) as client,
        ):
            yield Cluster(client, "the cluster of this machine")
