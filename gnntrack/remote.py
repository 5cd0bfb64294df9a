"""Where data lies: a path of this machine, or an address such as ``s3://bucket/folder``, which fsspec reads."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard, cast
from urllib.parse import urlsplit

from gnntrack.errors import DataError, MachineError
from gnntrack.showing import shown

if TYPE_CHECKING:
    from gnntrack.remote_path import RemotePath

#: Schemes that are read, and the extra that each needs.
SCHEMES = {"s3": "s3", "gs": "gs", "https": "http", "http": "http", "memory": None}
_ADDRESS = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*::)*[A-Za-z][A-Za-z0-9+.-]*://")
#: What was meant as an address: with one slash, as ``Path("s3://bucket")`` has it, or a blank before it.
_NEARLY = re.compile(rf"(?:\s+[a-z][a-z0-9+.-]*:/|(?:{'|'.join(SCHEMES)}):/(?!/))", re.IGNORECASE)


class Remote:
    """What tells a remote path from one of this machine, without importing what reads it."""

    __slots__ = ()


def is_address(text: object) -> bool:
    """Whether a text names a scheme: ``s3://bucket``; also one that is not read.

    Example:
        >>> is_address("s3://bucket/videos"), is_address("videos/s3")
        (True, False)
    """
    return isinstance(text, str) and _ADDRESS.match(text) is not None


def is_remote(path: object) -> TypeGuard[RemotePath]:
    """Whether a path is a remote one, as :func:`as_path` makes it."""
    return isinstance(path, Remote)


def as_path(path: str | os.PathLike[str]) -> Path:
    """What the user named, as a path; for an address one that has the methods of a path, but reads through fsspec.

    Only what a user names on the command line or hands to a function comes here, never what stands in a file.

    Raises:
        DataError: a scheme that is not read, an address that names no bucket or server, or leads up, or what would be
            one with a second slash.

    Example:
        >>> as_path("memory://videos") / "street" / "gt"
        RemotePath('memory://videos/street/gt')
        >>> as_path("videos") == Path("videos")
        True
        >>> as_path("ftp://host/videos")
        Traceback (most recent call last):
            ...
        gnntrack.errors.DataError: ftp://host/videos: no scheme 'ftp'; known: s3, gs, https, http, memory
    """
    if isinstance(path, Remote):
        return cast(Path, path)
    if is_address(path):
        return cast(Path, _remote(str(path)))
    found = Path(path)
    if _NEARLY.match(str(found)):
        remedy = "write s3://BUCKET/FOLDER and the like as a text, or the whole path of a folder here"
        raise DataError("nearly an address", remedy=remedy, path=found)
    return found


def _remote(address: str) -> RemotePath:
    scheme, _, rest = address.partition("://")
    scheme, shown_as = scheme.lower(), without_secrets(address)
    if "::" in scheme:
        raise DataError("an address within an address", remedy="give a plain one", path=shown_as)
    if scheme not in SCHEMES:
        problem, remedy = f"no scheme {shown(scheme)}", f"known: {', '.join(SCHEMES)}"
        raise DataError(problem, remedy=remedy, path=shown_as)
    web = scheme.startswith("http")
    host, *parts = (rest.split("?")[0] if web else rest).strip("/" * (scheme == "memory")).rstrip("/").split("/")
    if not host:
        what = "server" if web else "bucket"
        raise DataError(f"names no {what}", remedy=f"give {scheme}://{what.upper()}/FOLDER", path=shown_as)
    if "@" in host:
        remedy = "leave them out: fsspec's packages find them where they always do"
        raise DataError("credentials in an address", remedy=remedy, path=shown_as)
    if web and not _names_server(address):
        raise DataError("names no server that can be", remedy="give https://HOST:PORT/PATH", path=shown_as)
    if {"", ".", ".."} & {host, *parts} or "\0" in rest or "\\" in rest:
        raise DataError("an address with empty parts, . or ..", remedy="write it out", path=shown_as)
    try:
        from gnntrack.remote_path import RemotePath
    except ModuleNotFoundError as error:
        problem = f"addresses need {error.name}, which is not installed"
        extra = SCHEMES[scheme]
        remedy = f"pip install 'gnntrack[{extra}]'" if extra else "pip install universal_pathlib"
        raise MachineError(problem, remedy=remedy, path=shown_as) from None
    query = "?" + rest.partition("?")[2] if web and "?" in rest else ""
    return RemotePath(f"{scheme}://{'/'.join((host, *parts))}{query}")


def _names_server(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.port != 0 and re.search(r"\s", parts.netloc) is None
    except ValueError:  # a port over 65535, an address of IPv6 that is none
        return False


def on_this_machine(target: str | os.PathLike[str]) -> Path:
    """What the user named to be written bit by bit, or by other packages, as a path of this machine.

    Raises:
        DataError: it is an address, of whatever scheme, or nearly one.

    Example:
        >>> on_this_machine("s3://bucket/run")
        Traceback (most recent call last):
            ...
        gnntrack.errors.DataError: s3://bucket/run: this is not written to an address; name a place on this machine, \
and copy it afterwards
    """
    if is_address(target) or is_remote(target):
        remedy = "name a place on this machine, and copy it afterwards"
        raise DataError("this is not written to an address", remedy=remedy, path=without_secrets(target))
    return as_path(target)


def without_secrets(address: object) -> str:
    """An address as it may be shown and kept: without user, password and query, which may be a signature.

    Example:
        >>> without_secrets("https://me:word@host/a.txt?X-Amz-Signature=1")
        'https://host/a.txt'
    """
    text = str(address)
    if not is_address(text):
        return text
    scheme, _, rest = text.partition("://")
    rest = rest.split("?")[0].split("#")[0] if scheme.lower().startswith("http") else rest
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"


def refuse_address(text: str, what: str, path: str | os.PathLike[str] | None = None) -> str:
    """Returns a path that a file names; refuses an address: only a user may name one.

    Args:
        text: what stands in the file.
        what: whose path it is, for the error.
        path: the file.

    Raises:
        DataError: it is an address.
    """
    if is_address(text):
        problem = f"{what} names the address {shown(without_secrets(text))}"
        raise DataError(problem, remedy="a file cannot; name it on the command line", path=path)
    return text


@contextmanager
def local_copy(path: str | Path) -> Iterator[Path]:
    """Yields the file itself, or a copy of a remote one that lies on this machine until the block ends.

    What is mapped into memory stays readable after that.

    Raises:
        DataError: it cannot be read; one that the block raises of the copy is of the remote file.
    """
    if not is_remote(path):
        yield Path(path)
        return
    with tempfile.TemporaryDirectory(prefix="gnntrack-") as folder:
        copy = Path(folder) / (path.name or "copy")
        path.fetch(copy)
        try:
            yield copy
        except DataError as error:
            if error.path != copy:
                raise
            raise type(error)(error.problem, remedy=error.remedy, path=str(path), line=error.line) from None
