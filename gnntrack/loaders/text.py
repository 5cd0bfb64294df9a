"""Files as bytes and as text."""

from __future__ import annotations

import gzip
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from gnntrack.errors import DataError
from gnntrack.remote import is_remote, local_copy

#: Bytes that a packed file may unpack to: so many times its own size, but always so many and never more than that.
MOST_RATIO, ALWAYS_UNPACKED, MOST_UNPACKED = 200, 2**24, 2**31


@contextmanager
def open_file(path: str | Path) -> Iterator[BinaryIO]:
    """A plain file, opened for reading; devices, pipes and sockets, which may block or never end, are refused.

    Raises:
        DataError: it is missing, unreadable or no plain file; reading it failed.
    """
    if is_remote(path):
        with local_copy(path) as copy, open_file(copy) as file:
            yield file
        return
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            kind = os.fstat(descriptor).st_mode
            if not stat.S_ISREG(kind):
                what = "a folder" if stat.S_ISDIR(kind) else "no plain file"
                raise DataError(f"cannot read: {what}", remedy="check the path", path=path)
            yield file
    except OSError as error:
        raise DataError(f"cannot read: {error.strerror}", remedy="check the path", path=path) from None
    except ValueError as error:
        if "null" not in str(error):
            raise
        raise DataError("cannot read: the path holds a null character", remedy="check the path", path=path) from None


def read_bytes(path: Path, largest: int | None = None) -> bytes:
    """The content of a text file, packed (``.gz``) or not, without a byte-order mark.

    Args:
        path: the file.
        largest: bytes that it may have; None: any number.

    Raises:
        DataError: it is missing, unreadable, too large or not UTF-8 text.
    """
    with open_file(path) as file:
        data = _unpacked(file, path) if is_packed(path) else file.read(-1 if largest is None else largest + 1)
    if largest is not None and len(data) > largest:
        raise DataError(f"larger than {largest} bytes", remedy="check the file", path=path)
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in data:
        raise DataError("not a text file", remedy="expected UTF-8 text", path=path)
    data = data.removeprefix(b"\xef\xbb\xbf")
    if not data.isascii():
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            raise DataError("not UTF-8 text", remedy="save the file as UTF-8", path=path, line=line) from None
    return data


def read_start(path: str | Path, count: int) -> bytes:
    """The first bytes of a file, for guessing; those of its content where it is packed.

    Raises:
        DataError: it cannot be read.
    """
    if is_remote(path) and not is_packed(path):
        return path.start(count)
    with open_file(path) as file:
        if not is_packed(path):
            return file.read(count)
        try:
            with gzip.GzipFile(fileobj=file) as content:
                return content.read(count)
        except (OSError, EOFError, zlib.error):
            return b""


def is_packed(path: str | Path) -> bool:
    """Whether the name says that the content is packed: ``gt.txt.gz``."""
    return str(path).lower().endswith(".gz")


def _unpacked(file: BinaryIO, path: str | Path) -> bytes:
    """The content of a gzip file, unless there is far more of it than boxes as text can be packed into."""
    size = os.fstat(file.fileno()).st_size
    largest = min(MOST_UNPACKED, max(ALWAYS_UNPACKED, MOST_RATIO * size))
    try:
        with gzip.GzipFile(fileobj=file) as content:
            data = content.read(largest + 1)
    except (OSError, EOFError, zlib.error):
        raise DataError("not a whole gzip file", remedy="pack it again, or give it unpacked", path=path) from None
    if len(data) > largest:
        problem = f"{size} bytes unpack to more than {largest}"
        raise DataError(problem, remedy="give the file unpacked, if it is what it should be", path=path)
    return data


def read_text(path: Path, largest: int | None = None) -> str:
    r"""The file as text (see :func:`read_bytes`), its line ends as ``\n``."""
    return read_bytes(path, largest).decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
