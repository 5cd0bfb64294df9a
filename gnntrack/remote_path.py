"""A path that fsspec reads and writes, and whose every problem is one line."""

from __future__ import annotations

import os
import stat
from collections.abc import Generator
from contextlib import suppress
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from gnntrack.errors import DataError, MachineError
from gnntrack.pure_remote_path import PureRemotePath
from gnntrack.remote import SCHEMES
from gnntrack.remote_problems import told

#: The package of an extra, which its scheme needs.
_NEEDED = {"s3": "s3fs", "gs": "gcsfs", "http": "aiohttp"}
#: Folders that something was asked about, at most so many.
_ASKED: set[tuple[str, str]] = set()
_MOST = 10_000


class RemotePath(PureRemotePath):
    """A path that is no path of this machine; it has no ``__fspath__``, so nothing takes it for one."""

    __slots__ = ()

    @property
    def _fs(self) -> Any:
        """The file system; asked for each time, as a process that was forked needs one of its own."""
        import fsspec

        try:
            return fsspec.filesystem(self.protocol, **self.storage_options)
        except ImportError:
            extra = SCHEMES[self.scheme] or ""
            problem = f"{self.scheme}:// needs {_NEEDED.get(extra, 'fsspec')}, which is not installed"
            raise MachineError(problem, remedy=f"pip install 'gnntrack[{extra}]'", path=str(self)) from None

    def _info(self) -> dict[str, Any] | None:
        """What is known of it: ``type`` and ``size``; None where there is nothing.

        Raises:
            DataError: that cannot be known.
        """
        with told(self):
            self._list_above()
            try:
                found = dict(self._fs.info(self._key))
            except FileNotFoundError as error:
                if self._web and getattr(error.__cause__, "status", None) != 404 and error.__cause__ is not None:
                    raise error.__cause__ from None  # a server that is not there, or that refuses
                return None
        if self._web and str(found.get("url", "")).split("?")[0].endswith("/"):
            found["type"] = "directory"
        return found

    def _list_above(self) -> None:
        """Lists the folder above where that is asked about a second time: fsspec then knows all that lies in it."""
        above, _, name = self._key.rpartition("/")
        if self._web or self.scheme == "memory" or not name or "/" not in above:
            return
        if (self.scheme, above) in _ASKED:
            with suppress(OSError):  # it may be allowed to read, but not to list
                self._fs.ls(above, detail=False)
        if len(_ASKED) > _MOST:
            _ASKED.clear()
        _ASKED.add((self.scheme, above))

    def check(self) -> None:
        """Says now what would be said later of a bucket, an account or a server that is not there.

        Raises:
            DataError: it cannot be reached.
        """
        with told(self):
            if self._info() is None and not self._web and self.scheme != "memory":
                self._fs.ls(self._key.partition("/")[0])  # of a bucket that is not there this tells

    def exists(self, **_: Any) -> bool:
        """Whether there is something at the path."""
        return self._info() is not None

    def is_file(self, **_: Any) -> bool:
        """Whether it is an object."""
        found = self._info()
        return found is not None and found["type"] == "file"

    def is_dir(self, **_: Any) -> bool:
        """Whether objects lie below it."""
        found = self._info()
        return found is not None and found["type"] == "directory"

    def stat(self, **_: Any) -> os.stat_result:
        """Size and time of an object; what tells of nothing else is 0.

        Raises:
            DataError: there is none.
        """
        found = self._info() or {}
        when = found.get("LastModified") or found.get("mtime") or found.get("created")
        seconds = when.timestamp() if isinstance(when, datetime) else 0
        return os.stat_result((stat.S_IFREG, 0, 0, 1, 0, 0, self.size(), seconds, seconds, seconds))

    def glob(self, pattern: str, **_: Any) -> Generator[RemotePath, None, None]:
        """What lies directly below it and has such a name."""
        assert "/" not in pattern
        return (path for path in self.iterdir() if fnmatchcase(path.name, pattern))

    def size(self) -> int:
        """Bytes of an object.

        Raises:
            DataError: there is none.
        """
        found = self._info()
        if found is None or found.get("size") is None:
            raise DataError("no such object", remedy="check the address", path=str(self))
        return int(found["size"])

    def tag(self) -> str:
        """What changes where the object does, without reading it: the server's hash of it, or size and time."""
        found = self._info() or {}
        known = found.get("ETag") or found.get("md5Hash") or found.get("etag")
        return str(known or (found.get("size"), found.get("mtime") or found.get("created")))

    def iterdir(self) -> Generator[RemotePath, None, None]:
        """What lies directly below it, by name; what a server lists of other folders is left out."""
        with told(self):
            listed = self._fs.ls(self._key + "/" * self._web, detail=False)
        above = self._key.rstrip("/") + "/"
        names = {str(name).removeprefix(above).strip("/") for name in listed if str(name).startswith(above)}
        if self._web:  # links: with "?" or "#" they are of something else
            names = {unquote(name) for name in names if not set("/?#") & set(name)}
        yield from (self / name for name in sorted(names) if name not in ("", ".", "..") and "/" not in name)

    def below(self) -> dict[str, int]:
        """All objects below it: their paths from here, and their sizes."""
        with told(self):
            found = self._fs.find(self._key, detail=True)
        above = self._key.rstrip("/") + "/"
        return {str(name).removeprefix(above): int(about["size"] or 0) for name, about in sorted(found.items())}

    def start(self, count: int) -> bytes:
        """The first bytes of the object.

        Raises:
            DataError: it cannot be read.
        """
        with told(self):
            data: bytes = self._fs.cat_file(self._key, start=0, end=count)
        return data[:count]  # some servers send all

    def fetch(self, target: Path) -> None:
        """Copies the object to a file of this machine.

        Raises:
            DataError: it cannot be read.
        """
        with told(self):
            self._fs.get_file(self._key, str(target))

    def put(self, source: Path) -> None:
        """Writes a file of this machine as the object, in one step.

        Raises:
            DataError: it cannot be written.
        """
        self.check_writable()
        with told(self, "write"):
            self._fs.put_file(str(source), self._key)

    def check_writable(self) -> None:
        """Refuses what cannot be written.

        Raises:
            DataError: servers of web pages are read alone.
        """
        if self._web:
            raise DataError("web servers are only read", remedy="write to a folder, s3:// or gs://", path=str(self))

    def read_bytes(self) -> bytes:
        """The whole object."""
        with told(self):
            data: bytes = self._fs.cat_file(self._key)
        return data

    def read_text(self, encoding: str | None = None, errors: str | None = None, **_: Any) -> str:
        """The whole object as text."""
        return self.read_bytes().decode(encoding or "utf-8", errors or "strict")

    def unlink(self, missing_ok: bool = False) -> None:
        """Deletes the object."""
        with told(self, "delete"):
            try:
                self._fs.rm_file(self._key)
            except FileNotFoundError:
                if not missing_ok:
                    raise

    def mkdir(self, mode: int = 0o777, parents: bool = False, exist_ok: bool = False) -> None:
        """Nothing: folders are there once something lies in them."""

    def rmdir(self, recursive: bool = False) -> None:
        """Nothing: folders are gone once nothing lies in them."""

    def forget(self) -> None:
        """Drops what fsspec remembers of the listing: other processes may have written since."""
        self._fs.invalidate_cache()
