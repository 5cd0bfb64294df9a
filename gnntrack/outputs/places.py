"""Where an output may lie: never on or in what is read, and no folder around it, nor on a home or the root folder."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from gnntrack.errors import DataError
from gnntrack.files import ELSEWHERE, cannot_write, plain_target
from gnntrack.remote import as_path, is_remote

if TYPE_CHECKING:
    from gnntrack.remote_path import RemotePath


def check_place(target: str | os.PathLike[str], sources: Iterable[str | os.PathLike[str]] = ()) -> Path:
    """The real place of an output folder: absolute, without links.

    Folders are compared by what they are, so neither links, ``..``, mounts nor upper case lead around the check.

    Args:
        target: the folder to write, there or not.
        sources: files and folders that are read.

    Raises:
        DataError: it is no folder, is the root, home or working folder or holds one, or is, holds or lies in a source.
    """
    given = as_path(target)
    if is_remote(given):
        return _remote_place(given, sources)
    try:
        if given.is_symlink() and not given.exists():
            raise DataError("is a link to nothing", remedy=ELSEWHERE, path=given)
        real = given.resolve()
        if os.path.lexists(real) and not real.is_dir():
            raise DataError("is no folder", remedy="choose a folder as output", path=given)
    except (OSError, RuntimeError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        raise cannot_write(error, given) from None
    if real == real.parent:
        raise DataError("is the root folder", remedy="name a folder of its own", path=given)
    for home in _homes():
        if _is_or_holds(real, home):
            raise DataError(f"is or holds the home folder {home}", remedy="name a folder in it", path=given)
    if _is_or_holds(real, Path.cwd()):
        raise DataError("is or holds the working folder", remedy="name a folder in it", path=given)
    for source in map(as_path, sources):
        if is_remote(source) or not source.exists():
            continue
        origin = source.resolve()
        if _is_or_holds(real, origin):
            raise DataError(f"is or holds the input {source}", remedy=ELSEWHERE, path=given)
        if origin.is_dir() and _is_or_holds(origin, real):
            raise DataError(f"lies in the input {source}", remedy="choose an output beside it", path=given)
    return real


def _remote_place(given: RemotePath, sources: Iterable[str | os.PathLike[str]]) -> Path:
    """The same of an address, whose parts alone are compared: there are no links."""
    given.check_writable()
    given.forget()  # others may have written
    given.check()
    if given == given.parent or not given.name:
        raise DataError("is a whole bucket", remedy="name a folder of its own in it", path=str(given))
    if given.is_file():
        raise DataError("is no folder", remedy="choose a folder as output", path=str(given))
    for source in map(as_path, sources):
        if is_remote(source) and source.is_relative_to(given):
            raise DataError(f"is or holds the input {source}", remedy=ELSEWHERE, path=str(given))
        if is_remote(source) and given.is_relative_to(source):
            raise DataError(f"lies in the input {source}", remedy="choose an output beside it", path=str(given))
    return as_path(given)


def _homes() -> set[Path]:
    homes = {Path(os.environ["HOME"])} if os.environ.get("HOME") else set()
    with suppress(KeyError):  # a user without an entry, as in containers
        homes.add(Path(pwd.getpwuid(os.getuid()).pw_dir))
    return {home.resolve() for home in homes if home.is_dir()}


def _is_or_holds(folder: Path, inner: Path) -> bool:
    """Whether ``inner`` is ``folder`` or lies in it, both real."""
    if inner == folder or folder in inner.parents:
        return True
    try:
        there = folder.stat()
    except OSError:
        return False  # what is not there holds nothing
    for place in (inner, *inner.parents):
        with suppress(OSError):
            if os.path.samestat(place.stat(), there):
                return True
    return False


#: Suffixes of outputs that no reader takes for input: they may be replaced inside of a source.
_NEVER_READ = {".html", ".svg", ".pdf", ".gexf", ".graphml"}


def check_file(
    target: str | os.PathLike[str], overwrite: bool = False, sources: tuple[str | os.PathLike[str] | None, ...] = ()
) -> Path:
    """Returns ``target`` as a path that a file may be written to.

    Args:
        target: the file to write.
        overwrite: it may exist.
        sources: what is read; none of its files is replaced, ``overwrite`` or not.

    Raises:
        DataError: it exists and ``overwrite`` is false, is no plain file, or is read.
    """
    target = as_path(target)
    real = plain_target(target)
    if not real.exists():
        return target
    for source in [as_path(source) for source in sources if source is not None]:
        if is_remote(source) != is_remote(real) or not source.exists():
            continue
        inside = source.is_dir() and real.resolve().is_relative_to(source.resolve())
        if real.samefile(source) or (inside and real.suffix.lower() not in _NEVER_READ):
            raise DataError(f"belongs to the input {source}", remedy=ELSEWHERE, path=target)
    if not overwrite:
        raise DataError("output exists", remedy="pass --overwrite or choose another", path=target)
    return target
