"""Putting a finished folder in the place of an earlier one, and deleting what is ours alone."""

from __future__ import annotations

import ctypes
import os
import shutil
import warnings
from contextlib import suppress
from pathlib import Path, PurePosixPath

from gnntrack.errors import DataWarning
from gnntrack.files import PARTIAL, remove_empty
from gnntrack.locked_files import lock
from gnntrack.outputs.manifest import MANIFEST, files_below, read_manifest

_OLD = ".gnntrack.old"


def old_of(real: Path) -> Path:
    """Where an earlier output lies on its way out."""
    return real.with_name(f".{real.name}{_OLD}")


def snapshot(folder: Path) -> dict[str, tuple[int, int, int]] | None:
    """Size, time and number of every file, to see whether one has changed."""
    if not folder.is_dir():
        return None
    stats = ((path.relative_to(folder).as_posix(), path.lstat()) for path in files_below(folder))
    return {name: (stat.st_size, stat.st_mtime_ns, stat.st_ino) for name, stat in stats} or None


def put_in_place(partial: Path, real: Path) -> None:
    """Makes the finished folder the output, in one step where the system can; then deletes the earlier one's files."""
    if not real.exists() or not any(real.iterdir()):
        partial.rename(real)
        return
    descriptor = os.open(real, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with suppress(OSError):  # a process that waits for ``partial`` shall not take the earlier output for it
            lock(descriptor, real)
        if _exchange(partial, real):
            clear(partial)
            return
        old = old_of(real)
        real.rename(old)
        partial.rename(real)
        clear(old)
    finally:
        os.close(descriptor)


def _exchange(one: Path, other: Path) -> bool:
    """Swaps two folders in one step; false where the system cannot."""
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    here, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    return bool(renameat2(here, os.fsencode(one), here, os.fsencode(other), exchange) == 0)


def clear(folder: Path) -> None:
    """Deletes a replaced output: the files that its manifest names, and what folders are empty then.

    The manifest goes last, so that a killed run leaves something that the next one knows.
    """
    manifest = read_manifest(folder)
    names = [] if manifest is None else [entry.name for entry in manifest.files]
    for name in names:
        with suppress(OSError):
            (folder / name).unlink()
    above = {folder / parent for name in names for parent in PurePosixPath(name).parents} - {folder}
    remove_empty(sorted(above, key=lambda path: len(path.parts), reverse=True))
    if [path.name for path in folder.iterdir()] in ([], [MANIFEST]):
        (folder / MANIFEST).unlink(missing_ok=True)
        remove_empty([folder])
    else:
        warnings.warn(f"{folder}: holds files that came while the output was replaced", DataWarning, stacklevel=2)


def empty(partial: Path) -> None:
    """Deletes all in the folder that we write in; its manifest goes last, as in :func:`clear`."""
    assert partial.name.endswith(PARTIAL)
    for path in sorted(partial.iterdir(), key=lambda path: path.name == MANIFEST):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def discard(partial: Path) -> None:
    """Deletes the folder that we wrote in."""
    with suppress(OSError):
        empty(partial)
        partial.rmdir()
