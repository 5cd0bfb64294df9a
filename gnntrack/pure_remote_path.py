"""The part of a remote path that asks no server: its names."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote, unquote

from gnntrack.errors import DataError
from gnntrack.remote import Remote, is_address, without_secrets
from gnntrack.showing import shown

if TYPE_CHECKING:  # it has the methods of a path that are used here, and is taken where one is

    class _Path(Path):
        __wrapped__: Any
        protocol: str
        storage_options: dict[str, Any]

else:
    from upath.extensions import ProxyUPath as _Path


class PureRemotePath(_Path, Remote):
    """An address as a path; it is to :class:`.RemotePath` what ``PurePath`` is to ``Path``."""

    __slots__ = ()

    def __str__(self) -> str:
        return without_secrets(super().__str__())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    def joinpath(self, *names: Any) -> Self:
        """The path of something below; names may come from files, so none may lead elsewhere.

        Raises:
            DataError: one does.
        """
        texts = list(map(str, names))
        for name in texts:
            if name.startswith("/") or is_address(name) or ".." in name.split("/") or "\\" in name:
                remedy = "use plain names"
                raise DataError(f"{shown(name)} leads out of it", remedy=remedy, path=str(self))
        parts = [part for text in texts for part in text.split("/") if part not in ("", ".")]
        return super().joinpath(*(quote(part, safe="") for part in parts) if self._web else parts)

    def __truediv__(self, name: Any) -> Self:
        return self.joinpath(name)

    @property
    def name(self) -> str:
        """The last part; of an address of the web as it reads, without ``%20``."""
        return unquote(super().name) if self._web else str(super().name)

    @property
    def stem(self) -> str:
        """The name without its last ending."""
        return PurePosixPath(self.name).stem

    def with_name(self, name: str) -> Self:
        """The path of what lies beside it."""
        return super().with_name(quote(name, safe="") if self._web else name)

    @property
    def scheme(self) -> str:
        """``s3``, ``gs``, ``https``, ``http`` or ``memory``."""
        return {"gcs": "gs"}.get(self.protocol, self.protocol)

    @property
    def bucket(self) -> str:
        """The bucket, or the server."""
        return str(self).partition("://")[2].partition("/")[0]

    @property
    def _web(self) -> bool:
        return self.scheme in ("http", "https")

    @property
    def _key(self) -> str:
        return str(self.__wrapped__.path)

    def is_symlink(self) -> bool:
        """Never: there are no links."""
        return False

    def resolve(self, strict: bool = False) -> Self:
        """The path itself: there are no links, and no ``..``."""
        return self

    def absolute(self) -> Self:
        """The path itself."""
        return self

    def samefile(self, other_path: Any) -> bool:
        """Whether both are the same address."""
        return bool(self == other_path)
