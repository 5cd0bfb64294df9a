"""Files as bytes and as text."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from gnntrack.errors import DataError


@contextmanager
def open_file(path: str | Path) -> Iterator[BinaryIO]:
    """A plain file, opened for reading; devices, pipes and sockets, which may block or never end, are refused.

    Raises:
        DataError: it is missing, unreadable or no plain file; reading it failed.
    """
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
    """The content of a text file, without a byte-order mark.

    Args:
        path: the file.
        largest: bytes that it may have; None: any number.

    Raises:
        DataError: it is missing, unreadable, too large or not UTF-8 text.
    """
    with open_file(path) as file:
        data = file.read() if largest is None else file.read(largest + 1)
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


def read_text(path: Path, largest: int | None = None) -> str:
    r"""The file as text (see :func:`read_bytes`), its line ends as ``\n``."""
    return read_bytes(path, largest).decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
