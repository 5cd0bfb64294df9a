"""``gnntrack.manifest``: which files in a folder the program wrote, from what, and with which content."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from pydantic import Field, field_validator

from gnntrack import __version__
from gnntrack.errors import DataError
from gnntrack.files import PARTIAL, write_text
from gnntrack.loaders.json_text import read_json
from gnntrack.recipes import Settings, parse
from gnntrack.remote import as_path, is_remote, local_copy

MANIFEST = "gnntrack.manifest"
#: Lines of files that are finished, while others are still written.
JOURNAL = "gnntrack.finished"


class FileEntry(Settings):
    """One file.

    Attributes:
        name: its path in the folder, with ``/``.
        size: bytes; None while it is being written.
        sha256: of its content; None while it is being written.
        input: SHA-256 of what it was made from, where files are made one by one.
        made_with: likewise of the settings, the weights and the version.
    """

    name: str
    size: int | None = Field(default=None, ge=0)
    sha256: str | None = None
    input: str | None = None
    made_with: str | None = None

    @field_validator("name")
    @classmethod
    def _inside(cls, name: str) -> str:
        path = PurePosixPath(name)
        if not name or path.is_absolute() or str(path) != name or {"..", "."} & set(path.parts) or "\0" in name:
            raise ValueError("is no path in the folder")
        return name


class Manifest(Settings):
    """What a folder holds that the program wrote.

    Attributes:
        format: always ``gnntrack-manifest``.
        version: of the layout.
        gnntrack: version of the package that wrote it.
        verb: that wrote the folder.
        source: what it was made from, relative to the folder; None where it was made from nothing on disk.
        settings: that it was made with.
        complete: false while the folder is being written.
        files: all files, by name.
    """

    format: Literal["gnntrack-manifest"] = "gnntrack-manifest"
    version: Literal[1] = 1
    gnntrack: str = __version__
    verb: str
    source: str | None = None
    settings: dict[str, Any] = Field(default_factory=dict)
    complete: bool = False
    files: tuple[FileEntry, ...] = ()


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of a folder; None where there is none that can be believed."""
    path = folder / MANIFEST
    if path.is_symlink() or (is_remote(path) and not path.is_file()):
        return None
    try:
        content = read_json(path)
        return parse(content, Manifest, path) if isinstance(content, dict) else None
    except DataError:
        return None


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Writes the manifest, atomically."""
    content = manifest.model_dump(mode="json")
    for entry in content["files"]:
        for key in ("input", "made_with"):
            if entry[key] is None:
                del entry[key]
    write_text(folder / MANIFEST, json.dumps(content, indent=1) + "\n")


def relative_to(source: str | os.PathLike[str] | None, folder: Path) -> str | None:
    """A source as the manifest of a folder names it."""
    if source is None:
        return None
    path = as_path(source).resolve()
    return str(path) if is_remote(path) or is_remote(folder) else os.path.relpath(path, folder)


def digest(path: Path) -> tuple[int, str]:
    """Size and SHA-256 of a file."""
    with local_copy(path) as copy, copy.open("rb") as file:
        checksum = hashlib.file_digest(file, "sha256").hexdigest()
        return os.fstat(file.fileno()).st_size, checksum


def foreign(folder: Path, manifest: Manifest | None) -> str | None:
    """One thing in the folder that the manifest does not vouch for, as text for an error; None where there is none.

    That is a file, link or folder that it does not name, or a file whose content is no longer the one it names.
    """
    entries = {} if manifest is None else {entry.name: entry for entry in manifest.files}
    above = {str(parent) for name in entries for parent in PurePosixPath(name).parents}
    for path in _walk(folder):
        name = path.relative_to(folder).as_posix()
        if path.is_dir() and not path.is_symlink():
            if name not in above and not any(path.iterdir()):
                return f"holds the folder {name}, which no earlier run wrote"
        elif name not in entries:
            if not ((name in (MANIFEST, JOURNAL) and manifest is not None) or _is_partial_of(path, folder, entries)):
                return f"holds {name}, which no earlier run wrote"
        elif path.is_symlink() or not path.is_file() or changed(path, entries[name]):
            return f"holds {name}, which was changed since it was written"
    return None


def missing(folder: Path, manifest: Manifest) -> str | None:
    """The first file that the manifest names and that is not there with this content; None where all are."""
    for entry in manifest.files:
        path = folder / entry.name
        if path.is_symlink() or not path.is_file() or changed(path, entry):
            return entry.name
    return None


def changed(path: Path, entry: FileEntry) -> bool:
    """Whether a file is no longer what it was when it was written."""
    if entry.sha256 is None:
        return False
    if is_remote(path):  # what lies elsewhere may be far too much to read
        return path.size() != entry.size
    return path.stat().st_size != entry.size or digest(path)[1] != entry.sha256


def _is_partial_of(path: Path, folder: Path, entries: dict[str, FileEntry]) -> bool:
    """Whether a killed run left this file while it wrote one that the manifest names."""
    if path.is_symlink() or not (path.name.startswith(".") and path.name.endswith(PARTIAL)):
        return False
    name = path.with_name(path.name[1:].removesuffix(PARTIAL)).relative_to(folder).as_posix()
    return name in entries or name == MANIFEST


def files_below(folder: Path) -> list[Path]:
    """All files and links below a folder."""
    return [path for path in _walk(folder) if path.is_symlink() or not path.is_dir()]


def _walk(folder: Path) -> Iterator[Path]:
    """Everything below a folder, in order; links are not followed."""
    for path in sorted(folder.iterdir()):
        yield path
        if path.is_dir() and not path.is_symlink():
            yield from _walk(path)
