"""The processes of one training: started, joined, ended."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

from lightning.fabric import Fabric
from torch import distributed

from gnntrack.errors import DataError
from gnntrack.training.device import SharedBatches
from gnntrack.training.interruption import Interrupted
from gnntrack.training.ranks import ALONE, Ranks

#: What Lightning sets for the processes that it starts; left behind, it would tell the next training that it has some.
_SET = ("MASTER_ADDR", "MASTER_PORT", "NODE_RANK", "LOCAL_RANK", "WORLD_SIZE")
#: How errors of a connection begin that have no class of their own.
_CONNECTION = re.compile("gloo|nccl|connect|socket|peer|timed out|broken pipe", re.IGNORECASE)


@contextmanager
def launched(fabric: Fabric) -> Iterator[Ranks]:
    """Starts the processes that train together, unless something else has, and joins them.

    Each of them runs the same program from its beginning and comes here. Afterwards they have ended.

    Args:
        fabric: of :func:`gnntrack.training.device.fabric_of`.

    Raises:
        DataError: they cannot be started or joined, or one of them has ended.
        SystemExit: likewise, in a process that is not to say so.
    """
    strategy = fabric.strategy
    if not isinstance(strategy, SharedBatches):
        yield ALONE
        return
    failed = True
    with _environment():
        try:
            _join(fabric)
            yield Ranks(fabric.global_rank, fabric.world_size, fabric.device, speaks=fabric.local_rank == 0)
            failed = False
        except Interrupted:  # all have agreed to stop
            failed = False
            raise
        except RuntimeError as error:
            if strategy.watch is None or not _is_connection(error):
                raise
            if fabric.local_rank and not strategy.watch.orphan:
                raise SystemExit(2) from None  # the process that started it says so
            raise strategy.watch.error() from None
        finally:
            if strategy.watch is not None:
                strategy.watch.end(kill=failed)
            if not failed:  # what is broken might wait for others
                distributed.destroy_process_group()


def _join(fabric: Fabric) -> None:
    try:
        fabric.launch()
    except (ValueError, RuntimeError, OSError) as error:
        problem = f"{fabric.world_size} processes cannot be joined: {str(error).splitlines()[0][:200]}"
        raise DataError(problem, remedy="check --devices, --nodes, MASTER_ADDR and MASTER_PORT") from None


def _is_connection(error: RuntimeError) -> bool:
    """Whether a process cannot be reached any more."""
    return isinstance(error, distributed.DistError) or _CONNECTION.search(str(error)) is not None


@contextmanager
def _environment() -> Iterator[None]:
    """Leaves the environment as if no processes had been started."""
    before = {name: os.environ.get(name) for name in _SET}
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
