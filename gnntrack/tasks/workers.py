"""Where tasks are done, and with how much memory."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from gnntrack.errors import DataError
from gnntrack.remote import as_path, is_remote
from gnntrack.showing import shown

_UNITS = {"MB": 10**6, "GB": 10**9, "MiB": 2**20, "GiB": 2**30}
_LAST_PORT = 65_535


@dataclass(frozen=True)
class Workers:
    """Where tasks are done. The result does not depend on it.

    Attributes:
        count: processes on this machine; 1: this one.
        scheduler: address of the scheduler of a Dask cluster, ``tcp://host:8786``; None: this machine.
        memory: most memory of each process, ``2GB``; a task that needs more fails. None: an equal share of the machine.
        fail_fast: whether the first task that fails ends all.

    Raises:
        DataError: two of them contradict each other, or one is no such value.

    Example:
        >>> Workers(4, memory="2GB").bytes
        2000000000
        >>> Workers(2, scheduler="tcp://head:8786")
        Traceback (most recent call last):
            ...
        gnntrack.errors.DataError: --workers 2 with --scheduler; leave one out: a cluster has its own workers
    """

    count: int = 1
    scheduler: str | None = None
    memory: str | None = None
    fail_fast: bool = False

    def __post_init__(self) -> None:
        if self.count < 1:
            raise DataError(f"{self.count} workers", remedy="give 1 or more")
        if self.bytes is not None and self.bytes < 2**28:
            raise DataError(f"--memory {shown(self.memory)}", remedy="a worker needs 300MB to begin with")
        if self.scheduler is None:
            return
        if not re.fullmatch(r"(tcp|tls|ws|wss)://[^\s/]+:\d{1,5}", self.scheduler):
            raise DataError(f"--scheduler {shown(self.scheduler)}", remedy="give its address, such as tcp://host:8786")
        if not 1 <= int(self.scheduler.rpartition(":")[2]) <= _LAST_PORT:
            raise DataError(
                f"--scheduler {shown(self.scheduler)}", remedy=f"its port is a number from 1 to {_LAST_PORT}"
            )
        if self.count > 1:
            remedy = "leave one out: a cluster has its own workers"
            raise DataError(f"--workers {self.count} with --scheduler", remedy=remedy)
        if self.memory is not None:
            raise DataError("--memory with --scheduler", remedy="say it where they start: dask worker --memory-limit")

    @property
    def bytes(self) -> int | None:
        """The most memory of each process.

        Raises:
            DataError: the text is no size.
        """
        if self.memory is None:
            return None
        match = re.fullmatch(r"(\d{1,6}(?:\.\d{1,3})?) ?(MB|GB|MiB|GiB)", self.memory)
        if match is None:
            raise DataError(f"--memory {shown(self.memory)}", remedy="give a size, such as 500MB or 2GB")
        return int(float(match[1]) * _UNITS[match[2]])

    @property
    def here(self) -> bool:
        """Whether this process does all itself."""
        return self.count == 1 and self.scheduler is None and self.memory is None

    def found(self, path: str | Path) -> Path:
        """A path as the workers find it: those of a cluster have other working folders; names of no file stay."""
        path = as_path(path)
        if is_remote(path):
            if path.scheme == "memory" and not self.here:
                raise DataError("lies in the memory of one process", remedy="leave out --workers", path=str(path))
            return path
        return path.absolute() if self.scheduler is not None and path.exists() else path

    @classmethod
    def of(cls, workers: int | Workers) -> Workers:
        """Workers, or so many on this machine."""
        return workers if isinstance(workers, Workers) else cls(workers)
