"""Files that one process writes at a time: each is locked until it is closed."""

from __future__ import annotations

import fcntl
import os
import stat
from contextlib import suppress
from pathlib import Path

from gnntrack.errors import DataError


def locked_file(path: Path) -> int:
    """A new, locked file at ``path``; waits for a process that writes it, replaces what a killed one left."""
    while True:
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        except FileExistsError:
            with suppress(FileNotFoundError):
                _remove_left_over(path)
            continue
        with suppress(OSError):  # where files cannot be locked, no other process takes it for left over either
            if not lock(descriptor, path):
                os.close(descriptor)
                continue
        return descriptor


def _remove_left_over(path: Path) -> None:
    """Removes an unfinished file once no process writes it."""
    descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise DataError("is in the way", remedy="move it away", path=path)
        if lock(descriptor, path):
            path.unlink()
    finally:
        os.close(descriptor)


def lock(descriptor: int, path: Path) -> bool:
    """Waits for the lock on an open file or folder; whether it still stands at ``path`` then.

    The system frees the lock of a process that ended, however it did.
    """
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat(follow_symlinks=False))
    except FileNotFoundError:
        return False
