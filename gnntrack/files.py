"""Writing files so that a crash never leaves half of one, and never over what is no plain file."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING

from gnntrack.errors import DataError, MachineError
from gnntrack.locked_files import locked_file
from gnntrack.remote import as_path, is_remote

if TYPE_CHECKING:
    from gnntrack.remote_path import RemotePath

#: What the name of every unfinished file or folder ends with; no other name may.
PARTIAL = ".gnntrack.partial"
#: What to do where a target cannot be written.
ELSEWHERE = "choose another output"


def partial_of(target: Path) -> Path:
    """Where ``target`` is written until it is whole: hidden, beside it, by a name that a later run finds."""
    return target.with_name(f".{target.name}{PARTIAL}")


def plain_target(target: str | os.PathLike[str]) -> Path:
    """The file that writing to ``target`` would make or replace: itself, or the plain file that it links to.

    Raises:
        DataError: it is a folder, device, pipe, socket, or a link to nothing.
    """
    target = as_path(target)
    if is_remote(target):
        return _remote_target(target)
    try:
        if not os.path.lexists(target):
            return target
        if target.is_symlink() and not target.exists():
            raise DataError("is a link to nothing", remedy=ELSEWHERE, path=target)
        kind = target.stat().st_mode
        if stat.S_ISREG(kind):
            return target.resolve() if target.is_symlink() else target
    except (OSError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        raise cannot_write(error, target) from None
    kinds = {stat.S_ISDIR: "a folder", stat.S_ISFIFO: "a pipe", stat.S_ISSOCK: "a socket"}
    what = next((name for test, name in kinds.items() if test(kind)), "a device")
    raise DataError(f"is {what}, not a plain file", remedy=ELSEWHERE, path=target)


def _remote_target(target: RemotePath) -> Path:
    target.check_writable()
    if target.is_dir():
        raise DataError("is a folder, not a plain file", remedy=ELSEWHERE, path=str(target))
    return as_path(target)


@contextmanager
def atomic_path(target: str | os.PathLike[str], durable: bool = True) -> Iterator[Path]:
    """Yields a temporary path that becomes ``target`` when the block ends well.

    The temporary file lies in the target's folder, is flushed to disk and then renamed over the
    target, so readers see either the old file or the whole new one, even after ``kill -9``. What a killed process
    left is removed by the next one that writes the same file. A link to a plain file stays: the file is replaced.
    A remote target is written on this machine first, and put where it belongs as a whole.

    Args:
        target: the file to write; missing parent folders are made.
        durable: flush to disk before renaming; too slow for one of thousands of small files.

    Raises:
        DataError: the target is no plain file, the folder cannot be written or the disk is full; nothing is left.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> with atomic_path(folder / "a.txt") as path:
        ...     _ = path.write_text("whole")
        >>> [file.name for file in folder.iterdir()]
        ['a.txt']
    """
    real = plain_target(target)
    if is_remote(real):
        with _put_whole(real) as temporary:
            yield temporary
        return
    temporary, descriptor = partial_of(real), -1
    made: list[Path] = []
    done = False
    try:
        made = make_parents(real)
        descriptor = locked_file(temporary)
        yield temporary
        if durable:
            os.fsync(descriptor)
        _note(real, descriptor)
        temporary.replace(plain_target(real))
        done = True
    except OSError as error:
        raise cannot_write(error, target) from None
    finally:
        with suppress(OSError):
            if descriptor >= 0 and not done:
                temporary.unlink(missing_ok=True)
        if descriptor >= 0:
            os.close(descriptor)
        if not done:
            remove_empty(made)


@contextmanager
def _put_whole(target: RemotePath) -> Iterator[Path]:
    """Yields a file of this machine that becomes a remote object when the block ends well."""
    try:
        with tempfile.TemporaryDirectory(prefix="gnntrack-") as folder:
            temporary = Path(folder) / target.name
            temporary.touch()
            yield temporary
            target.put(temporary)
            with temporary.open("rb") as file:
                _note(as_path(target), file.fileno())
    except OSError as error:
        raise cannot_write(error, tempfile.gettempdir()) from None


_NOTES: ContextVar[dict[Path, tuple[int, str]] | None] = ContextVar("notes", default=None)


@contextmanager
def noting() -> Iterator[dict[Path, tuple[int, str]]]:
    """Yields size and SHA-256 of every file that is written in the block through :func:`atomic_path`, by its path."""
    notes: dict[Path, tuple[int, str]] = {}
    token = _NOTES.set(notes)
    try:
        yield notes
    finally:
        _NOTES.reset(token)


def _note(path: Path, descriptor: int) -> None:
    notes = _NOTES.get()
    if notes is not None:
        with open(descriptor, "rb", closefd=False) as file:
            file.seek(0)
            notes[path] = os.fstat(descriptor).st_size, hashlib.file_digest(file, "sha256").hexdigest()


def cannot_write(error: Exception, target: str | os.PathLike[str]) -> MachineError:
    """What the system says where ``target`` cannot be written, as one line."""
    reason = getattr(error, "strerror", None) or str(error)
    return MachineError(f"cannot write: {reason}", remedy=ELSEWHERE, path=target)


def make_parents(target: Path) -> list[Path]:
    """Makes the folders above ``target``; returns those that were missing, the deepest first."""
    if is_remote(target):
        return []
    missing = [folder for folder in target.absolute().parents if not os.path.lexists(folder)]
    target.parent.mkdir(parents=True, exist_ok=True)
    return missing


def remove_empty(folders: list[Path]) -> None:
    """Removes those of these folders that are empty."""
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()


def write_text(target: str | os.PathLike[str], text: str, durable: bool = True) -> None:
    """Writes ``text`` to ``target`` as UTF-8, atomically (see :func:`atomic_path`)."""
    with atomic_path(target, durable) as path:
        path.write_text(text, encoding="utf-8")


def share_file(source: Path, target: Path) -> None:
    """Makes ``target`` the same file as ``source`` by a hard link, or a copy where there are none; never changed later.

    Raises:
        DataError: it cannot be written.
    """
    try:
        target.unlink(missing_ok=True)
        target.hardlink_to(source)
    except OSError:
        with atomic_path(target) as temporary:
            shutil.copyfile(source, temporary)


def make_folder(path: Path) -> None:
    """Makes a folder and its parents.

    Raises:
        DataError: it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)  # of a remote one nothing is needed
    except OSError as error:
        raise cannot_write(error, path) from None


def check_inside(path: Path, *roots: Path) -> Path:
    """Returns ``path``, which was found in one of ``roots`` or will be written there; refuses links that lead out.

    A root may itself be a link, and links that stay below it are followed.

    Raises:
        DataError: it lies elsewhere, or is a link that leads in a circle.
    """
    try:
        if path not in roots and not any(path.resolve().is_relative_to(root.resolve()) for root in roots):
            remedy = "use plain folders, or links that stay below it"
            raise DataError("leads out of its folder", remedy=remedy, path=path)
    except (OSError, RuntimeError):  # RuntimeError: Python up to 3.12
        raise DataError("is a link that leads in a circle", remedy="remove it", path=path) from None
    return path
