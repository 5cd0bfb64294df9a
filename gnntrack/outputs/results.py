"""A folder of results, a file a sequence, and what each was made from, so that a killed run goes on."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from gnntrack import __version__
from gnntrack.errors import DataError
from gnntrack.files import check_inside, make_folder, make_parents, remove_empty
from gnntrack.locked_files import lock
from gnntrack.outputs.journal import Journal, read_journal, remove_journal
from gnntrack.outputs.manifest import (
    MANIFEST,
    FileEntry,
    Manifest,
    digest,
    read_manifest,
    relative_to,
    write_manifest,
)
from gnntrack.outputs.places import check_file
from gnntrack.remote import as_path, is_remote


class ResultFolder:
    """Results while they are written.

    Attributes:
        path: the folder.
        finished: files that are there already, made from the same.
        again: how many are there, but made from something else: they are made again.
        whole: whether nothing was left out because it failed.
    """

    def __init__(self, path: Path, wanted: Mapping[str, str], made_with: str) -> None:
        self.path, self.finished, self.again, self.whole = path, set[str](), 0, True
        self._wanted, self._made_with = wanted, made_with
        self._known: dict[str, FileEntry] = {}
        self._added: dict[str, FileEntry] = {}
        self._journal: Journal | None = None

    def plan(self, overwrite: bool, resume: bool, sources: tuple[str | os.PathLike[str], ...]) -> None:
        """Looks which results are there.

        Raises:
            DataError: one is there that may not be replaced.
        """
        if is_remote(self.path):
            self.path.forget()  # others may have written; then all is listed at once
            self.path.check()
            if self.path.is_dir():
                list(self.path.iterdir())
        manifest = read_manifest(self.path)
        stopped = manifest is not None and not manifest.complete
        self._known = {} if manifest is None else {entry.name: entry for entry in manifest.files}
        self._known |= {entry.name: entry for entry in read_journal(self.path, FileEntry)}
        for name in self._wanted:
            path, entry = check_inside(self.path / name, self.path), self._known.get(name)
            unfinished = entry is not None and entry.sha256 is None
            ours = resume and entry is not None and (unfinished or not _changed(path, entry))
            if stopped and entry is not None and path.exists() and not (resume or overwrite):
                remedy = "pass --resume to go on, --overwrite to start again, or choose another"
                raise DataError("output exists", remedy=remedy, path=path)
            if resume and path.exists() and not ours:
                whose = "no earlier run wrote it" if entry is None else "it was changed since it was written"
                raise DataError(whose, remedy="move it away, or pass --overwrite", path=path)
            check_file(path, overwrite or ours, sources)
            if ours and entry is not None and not unfinished and path.exists():
                same = (entry.input, entry.made_with) == (self._wanted[name], self._made_with)
                self.finished.update([name] if same else [])
                self.again += not same

    def begin(self, manifest: Manifest) -> None:
        """Claims what will be written."""
        kept = {name: entry for name, entry in self._known.items() if name not in self._wanted or name in self.finished}
        claimed = [FileEntry(name=name) for name in self._wanted if name not in self.finished]
        files = (*kept.values(), *claimed)
        write_manifest(self.path, manifest.model_copy(update={"files": _sorted(files)}))
        self._journal = Journal(self.path)

    def add(self, name: str, size: int, sha256: str) -> None:
        """Notes a file that was written."""
        entry = FileEntry(name=name, size=size, sha256=sha256, input=self._wanted[name], made_with=self._made_with)
        self._added[name] = entry
        assert self._journal is not None
        self._journal.add(json.dumps(entry.model_dump(mode="json")))

    def end(self, manifest: Manifest) -> None:
        """Writes what is there; what was not begun is no longer claimed."""
        with _alone(self.path):
            before = read_manifest(self.path)
            listed = () if before is None else before.files
            others = {each.name: each for each in listed if each.name not in self._wanted}
            claimed = {name: FileEntry(name=name) for name in self._wanted if (self.path / name).is_file()}
            own = {name: entry for name, entry in self._known.items() if name in self._wanted and entry.sha256}
            files = others | claimed | own | self._added
            files = {name: entry for name, entry in files.items() if (self.path / name).is_file() or not entry.sha256}
            there = all(name in files for name in self._wanted) and all(entry.sha256 for entry in files.values())
            remove_journal(self.path)
            if files:
                update = {"complete": there and self.whole, "files": _sorted(files.values())}
                write_manifest(self.path, manifest.model_copy(update=update))
            else:
                (self.path / MANIFEST).unlink(missing_ok=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """No other process ends its writing meanwhile; of a remote folder that is not known."""
    if is_remote(folder):
        folder.forget()  # workers have written
        list(folder.iterdir())
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):  # where folders cannot be locked, two runs may forget a line of each other's
            lock(descriptor, folder)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def result_folder(
    target: str | os.PathLike[str],
    verb: str,
    wanted: Mapping[str, str],
    *,
    settings: dict[str, Any],
    source: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    resume: bool = False,
) -> Iterator[ResultFolder]:
    """Yields a folder to which results are added, file by file; what is there of others stays.

    Args:
        target: the folder.
        verb: who writes it.
        wanted: the files that will be written, each with the SHA-256 of what it is made from.
        settings: what all are made with, as plain values.
        source: what is read.
        overwrite: files may be replaced.
        resume: files that an earlier run wrote stay, if they were made from the same, and are else written again.

    Raises:
        DataError: a file is there that may not be replaced, or the folder cannot be written.
    """
    real, sources = as_path(target), () if source is None else (source,)
    if resume and overwrite:
        raise DataError("--resume with --overwrite", remedy="leave one of them out")
    if is_remote(real) and real.is_file():  # beside an object there may lie a folder of its name
        raise DataError("is no folder", remedy="choose a folder as output", path=str(real))
    folder = ResultFolder(real, wanted, hash_of(settings))
    folder.plan(overwrite, resume, sources)
    manifest = Manifest(verb=verb, source=relative_to(source, real.resolve()), settings=settings)
    made = [] if is_remote(real) or real.exists() else [real, *make_parents(real)]
    try:
        make_folder(real)
        folder.begin(manifest)
        try:
            yield folder
        finally:
            folder.end(manifest)
    finally:
        remove_empty(made)


def hash_of(values: Any) -> str:
    """SHA-256 of plain values and of the version of the program."""
    return hashlib.sha256(json.dumps([__version__, values], sort_keys=True).encode()).hexdigest()


def _sorted(entries: Collection[FileEntry]) -> tuple[FileEntry, ...]:
    return tuple(sorted(entries, key=lambda entry: entry.name))


def _changed(path: Path, entry: FileEntry) -> bool:
    if path.is_symlink() or not path.is_file() or entry.sha256 is None:
        return path.is_symlink()
    return path.stat().st_size != entry.size or digest(path)[1] != entry.sha256
