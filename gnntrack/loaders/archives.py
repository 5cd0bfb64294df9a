"""Zip files: unpacked member by member, never outside of their folder, never to more than boxes as text can be."""

from __future__ import annotations

import shutil
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from gnntrack.errors import DataError
from gnntrack.names import is_name
from gnntrack.remote import is_remote, local_copy
from gnntrack.showing import shown

#: Text shrinks to a fourth or a tenth; what shrinks far more, or unpacks to more bytes, holds no boxes.
LARGEST_RATIO, LARGEST_SIZE, MOST_MEMBERS = 200, 4 << 30, 20_000
_CHUNK, _MAGIC = 1 << 20, b"PK\x03\x04"


def is_zip(path: Path) -> bool:
    """Whether a file is a zip file, whatever its name."""
    if is_remote(path):
        return path.is_file() and path.start(len(_MAGIC)) == _MAGIC
    return path.is_file() and zipfile.is_zipfile(path)


def unpack(path: Path, folder: Path, suffixes: tuple[str, ...]) -> None:
    """Unpacks the files of a zip whose names end so; what systems add (``__MACOSX/._A.txt``) is left out.

    Args:
        path: the zip.
        folder: where to; it is there, and empty.
        suffixes: of the files that are wanted, in small letters.

    Raises:
        DataError: it is no zip, is cut off, or has members that lie outside, are links, or unpack to far more.
    """
    try:
        with local_copy(path) as copy, zipfile.ZipFile(copy) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            members = [member for member in members if _wanted(member.filename, suffixes)]
            _check(path, members)
            for member in members:
                target = folder.joinpath(*PurePosixPath(member.filename).parts)
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(member) as source, target.open("xb") as sink:
                    shutil.copyfileobj(source, sink, _CHUNK)  # zipfile itself stops at the size that was announced
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"cannot unpack: {error}", remedy="pack it again", path=path) from None


def _wanted(name: str, suffixes: tuple[str, ...]) -> bool:
    parts = PurePosixPath(name).parts
    hidden = any(part.startswith(("__MACOSX", "._")) for part in parts)
    return name.lower().endswith(suffixes) and not hidden


def _check(path: Path, members: list[zipfile.ZipInfo]) -> None:
    """Refuses members that lie outside, and archives that are bombs.

    Raises:
        DataError: so it is.
    """
    if len(members) > MOST_MEMBERS:
        raise DataError(f"{len(members)} files", remedy=f"at most {MOST_MEMBERS} are unpacked", path=path)
    total = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if total > LARGEST_SIZE or total > LARGEST_RATIO * max(packed, 1 << 16):
        problem = f"{packed} bytes that unpack to {total}"
        raise DataError(problem, remedy="unpack it by hand and give the folder", path=path)
    for member in members:
        parts = PurePosixPath(member.filename).parts
        link = stat.S_ISLNK(member.external_attr >> 16)
        inside = all(is_name(part) and part != ".." and not any(sign in part for sign in "/\\:") for part in parts)
        if link or not parts or not inside:
            raise DataError(f"member {shown(member.filename)} lies outside", remedy="pack plain files", path=path)
