"""A folder that appears as a whole: written beside its place, then put there, over an earlier one of ours alone."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gnntrack.errors import DataError
from gnntrack.files import cannot_write, make_parents, noting, partial_of, remove_empty
from gnntrack.locked_files import lock
from gnntrack.outputs.manifest import (
    JOURNAL,
    MANIFEST,
    FileEntry,
    Manifest,
    files_below,
    foreign,
    missing,
    read_manifest,
    relative_to,
    write_manifest,
)
from gnntrack.outputs.places import check_place
from gnntrack.outputs.remote_folder import remote_folder
from gnntrack.outputs.replacing import clear, discard, empty, old_of, put_in_place, snapshot
from gnntrack.outputs.unfinished import OutputFolder
from gnntrack.remote import is_remote

_AGAIN = "run it again; leave the folder alone meanwhile"


@contextmanager
def output_folder(
    target: str | os.PathLike[str],
    verb: str,
    *,
    source: str | os.PathLike[str] | None = None,
    settings: dict[str, Any] | None = None,
    overwrite: bool = False,
    updates: Callable[[Manifest], bool] | None = None,
    resume: bool = False,
) -> Iterator[OutputFolder]:
    """Yields a folder to write to, which takes the place of ``target`` when the block ends well.

    Until then ``target`` stays as it is, and if the block fails nothing is left. An earlier output is replaced only if
    all that lies in it is what its manifest names, unchanged. Of two processes that write one target the second waits.
    A remote target is written in place: see :func:`gnntrack.outputs.remote_folder.remote_folder`.

    Args:
        target: the folder to write.
        verb: who writes it.
        source: what it is made from.
        settings: what the manifest keeps beside.
        overwrite: replace an earlier output.
        updates: whether an earlier output is replaced without ``overwrite``. What a killed or interrupted run of the
            same verb had written is then found in the folder again.
        resume: what a run of the same verb had written that was killed, or that failed after it had noted what it had
            finished (:class:`.finished.FinishedTasks`), is found in the folder again. An output that is there already,
            of the same verb and settings, is no error: keep it.

    Raises:
        DataError: the place is refused (:func:`gnntrack.outputs.places.check_place`), holds what no earlier run wrote,
            or holds an earlier output and ``overwrite`` is false; it cannot be written, or the disk is full; or files
            of it vanished while it was written.
    """
    real = check_place(target, [] if source is None else [source])
    manifest = Manifest(verb=verb, source=relative_to(source, real), settings=settings or {})
    if resume:
        updates = _alike(manifest)
    if is_remote(real):
        with remote_folder(real, manifest, overwrite, updates, resume) as output:
            yield output
        return
    _check_replaceable(target, real, overwrite, updates)
    partial, descriptor = partial_of(real), -1
    made: list[Path] = []
    ours = done = resumed_later = False
    try:
        made = make_parents(real)
        descriptor = _locked_folder(partial)
        _recover(partial, real, verb if updates else None)
        ours = True
        earlier = _check_replaceable(target, real, overwrite, updates)
        before = snapshot(real)
        write_manifest(partial, manifest)
        with noting() as notes:
            output = OutputFolder(partial, real if earlier else None, manifest)
            yield output
        if not output.keep_earlier:
            _seal(output, notes, target)
            if snapshot(real) != before:
                raise DataError("changed while its successor was written", remedy=_AGAIN, path=target)
            put_in_place(partial, real)
            done = True
    except OSError as error:
        raise cannot_write(error, target) from None
    except DataError as error:
        if error.path is None or partial not in Path(error.path).parents:
            raise
        place = Path(target) / Path(error.path).relative_to(partial)  # where the user expects it
        raise DataError(error.problem, remedy=error.remedy, path=place, line=error.line) from None
    except BaseException as error:
        resumed_later = updates is not None and not resume and not isinstance(error, Exception)
        raise
    finally:
        resumed_later |= resume and (partial / JOURNAL).is_file()
        if descriptor >= 0:
            if ours and not done and not resumed_later and _stands_at(descriptor, partial):
                discard(partial)
            os.close(descriptor)
        if not done and not resumed_later:
            remove_empty(made)


def _alike(manifest: Manifest) -> Callable[[Manifest], bool]:
    """Whether another manifest is of the same verb and settings."""
    return lambda other: (other.verb, other.settings) == (manifest.verb, manifest.settings)


def _check_replaceable(
    target: str | os.PathLike[str], real: Path, overwrite: bool, updates: Callable[[Manifest], bool] | None
) -> Manifest | None:
    """The manifest of the output that may be replaced; None where nothing is there."""
    if not real.is_dir() or not any(real.iterdir()):
        return None
    manifest = read_manifest(real)
    if (problem := foreign(real, manifest)) is not None:
        raise DataError(problem, remedy="move it away or choose another output", path=target)
    assert manifest is not None  # without one, all is foreign
    if not overwrite and not (updates and updates(manifest)):
        raise DataError("output exists", remedy="pass --overwrite or choose another", path=target)
    return manifest


def _locked_folder(path: Path) -> int:
    """A folder that this process alone writes: a new one, or one that a killed process left."""
    while True:
        new = True
        try:
            path.mkdir()
        except FileExistsError:
            new = False
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        try:
            if lock(descriptor, path):
                return descriptor
        except OSError:
            if new:  # where folders cannot be locked, no other process takes it for left over either
                return descriptor
            os.close(descriptor)
            problem = "another run may be writing this"
            raise DataError(problem, remedy="remove it if none is", path=path) from None
        os.close(descriptor)


def _stands_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat(follow_symlinks=False))
    except OSError:
        return False


def _recover(partial: Path, real: Path, resumed: str | None) -> None:
    """Puts right what a killed process left: an earlier output on its way out, and an unfinished one.

    The unfinished one is emptied, unless ``resumed`` is the verb that wrote it.
    """
    old = old_of(real)
    if old.is_dir() and not old.is_symlink():
        if os.path.lexists(real):
            _refuse_foreign(old, read_manifest(old))
            clear(old)
        else:
            old.replace(real)
    manifest = read_manifest(partial)
    if manifest is None or manifest.complete:  # unfinished ones are ours, whatever is in them
        _refuse_foreign(partial, manifest)
    if resumed is None or manifest is None or manifest.verb != resumed:
        empty(partial)


def _refuse_foreign(folder: Path, manifest: Manifest | None) -> None:
    """Refuses to touch a folder that holds what no run of this program wrote there."""
    problem = foreign(folder, manifest)
    if problem is not None:
        raise DataError(problem, remedy="move it away", path=folder)


def _seal(output: OutputFolder, notes: dict[Path, tuple[int, str]], target: str | os.PathLike[str]) -> None:
    """Writes the manifest of a folder whose files are all there; drops what was left over from interrupted runs."""
    inside = {path: note for path, note in notes.items() if output.path in path.parents}
    found = {path.relative_to(output.path).as_posix(): note for path, note in inside.items()} | output.files
    found.pop(MANIFEST, None)
    entries = tuple(FileEntry(name=name, size=size, sha256=sha) for name, (size, sha) in sorted(found.items()))
    manifest = output.manifest.model_copy(update={"complete": True, "files": entries})
    lost = missing(output.path, manifest)
    if lost is not None:
        raise DataError(f"{lost} was deleted or changed while it was written", remedy=_AGAIN, path=target)
    for path in files_below(output.path):
        name = path.relative_to(output.path).as_posix()
        if name not in found and name != MANIFEST:
            path.unlink()
            remove_empty([path.parent])
    write_manifest(output.path, manifest)
