"""Writing files so that a crash never leaves half of one."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gnntrack.errors import DataError


@contextmanager
def atomic_path(target: str | os.PathLike[str], durable: bool = True) -> Iterator[Path]:
    """Yields a temporary path that becomes ``target`` when the block ends well.

    The temporary file lies in the target's folder, is flushed to disk and then renamed over the
    target, so readers see either the old file or the whole new one, even after ``kill -9``.

    Args:
        target: the file to write; missing parent folders are made.
        durable: flush to disk before renaming; not worth its time for one of thousands of small files.

    Raises:
        DataError: the folder cannot be written or the disk is full.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> with atomic_path(folder / "a.txt") as path:
        ...     _ = path.write_text("whole")
        >>> [file.name for file in folder.iterdir()]
        ['a.txt']
    """
    target = Path(target)
    temporary: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".partial", dir=target.parent)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        descriptor = os.open(temporary, os.O_RDWR)
        try:
            if durable:
                os.fsync(descriptor)
            os.fchmod(descriptor, 0o666 & ~_umask())
        finally:
            os.close(descriptor)
        temporary.replace(target)
    except OSError as error:
        raise DataError(
            f"cannot write: {error.strerror or error}", remedy="choose another output", path=target
        ) from None
    finally:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


@contextmanager
def atomic_folder(target: str | os.PathLike[str]) -> Iterator[Path]:
    """Yields a temporary folder beside ``target`` that takes its place when the block ends well.

    Args:
        target: the folder to write; one that exists is replaced.

    Raises:
        DataError: the place cannot be written or the disk is full; nothing is left behind.
    """
    target = Path(target).absolute()
    leftovers: list[Path] = []
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".partial", dir=target.parent))
        leftovers.append(temporary)
        temporary.chmod(0o777 & ~_umask())
        yield temporary
        if target.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".old", dir=target.parent))
            leftovers.append(old)
            target.replace(old / target.name)
        temporary.replace(target)
    except OSError as error:
        problem = f"cannot write: {error.strerror or error}"
        raise DataError(problem, remedy="choose another output", path=target) from None
    finally:
        for folder in leftovers:
            shutil.rmtree(folder, ignore_errors=True)


def write_text(target: str | os.PathLike[str], text: str, durable: bool = True) -> None:
    """Writes ``text`` to ``target`` as UTF-8, atomically (see :func:`atomic_path`)."""
    with atomic_path(target, durable) as path:
        path.write_text(text, encoding="utf-8")


def make_folder(path: Path) -> None:
    """Makes a folder and its parents.

    Raises:
        DataError: it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        problem = f"cannot write: {error.strerror or error}"
        raise DataError(problem, remedy="choose another output", path=path) from None


def check_absent(target: str | os.PathLike[str], overwrite: bool = False) -> Path:
    """Returns ``target`` as a path; refuses a file, or a folder with something in it, unless ``overwrite``.

    Raises:
        DataError: the output exists and ``overwrite`` is false.
    """
    target = Path(target)
    occupied = target.is_file() or (target.is_dir() and any(target.iterdir()))
    if occupied and not overwrite:
        raise DataError("output exists", remedy="pass --overwrite or choose another", path=target)
    return target


def check_inside(path: Path, root: Path) -> Path:
    """Returns ``path``, which was found in ``root`` or will be written there; refuses links that lead out of it.

    Raises:
        DataError: it lies elsewhere.
    """
    if path != root and not path.resolve().is_relative_to(root.resolve()):
        raise DataError("leads out of its folder", remedy="use plain folders, not links", path=path)
    return path
