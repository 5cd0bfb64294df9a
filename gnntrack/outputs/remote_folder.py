"""An output folder that is remote: each object appears as a whole, the manifest's last word comes after all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from gnntrack.errors import DataError
from gnntrack.files import noting
from gnntrack.outputs.journal import journal_parts
from gnntrack.outputs.manifest import MANIFEST, FileEntry, Manifest, read_manifest, write_manifest
from gnntrack.outputs.unfinished import OutputFolder
from gnntrack.remote import as_path

if TYPE_CHECKING:
    from gnntrack.remote_path import RemotePath

_AGAIN = "run it again; leave the folder alone meanwhile"


@contextmanager
def remote_folder(
    target: RemotePath,
    manifest: Manifest,
    overwrite: bool,
    updates: Callable[[Manifest], bool] | None,
    resume: bool = False,
) -> Iterator[OutputFolder]:
    """Yields the folder itself: there is no way to put a whole one in its place.

    While it is written, and where it was not finished, its manifest says so. An earlier output is replaced object by
    object. If the block fails, what was written where nothing was is deleted; an earlier output is unfinished then.
    Nothing is locked: two runs must not write one target.

    Args:
        target: the folder to write.
        manifest: what it will say of itself.
        overwrite: replace an earlier output.
        updates: whether an earlier output, or an unfinished one, is replaced without ``overwrite``.
        resume: what a run had noted that failed stays (:class:`.finished.FinishedTasks`).

    Raises:
        DataError: what lies there may not be replaced, something cannot be written, or objects vanished meanwhile.
    """
    folder = as_path(target)
    earlier = _replaceable(target, overwrite, updates)
    known = {} if earlier is None else {entry.name for entry in earlier.files}
    begun = manifest.model_copy(update={"files": () if earlier is None else earlier.files})
    write_manifest(folder, begun)
    whole = earlier is not None and earlier.complete
    output = OutputFolder(folder, folder if whole else None, manifest)
    try:
        with noting() as notes:
            yield output
        if output.keep_earlier and earlier is not None:
            write_manifest(folder, earlier)
            return
        inside = {path: note for path, note in notes.items() if path.is_relative_to(folder)}
        found = {path.relative_to(folder).as_posix(): note for path, note in inside.items()} | output.files
        found.pop(MANIFEST, None)
        target.forget()
        there = target.below()
        lost = next((name for name, (size, _) in found.items() if there.get(name) != size), None)
        if lost is not None:
            raise DataError(f"{lost} was deleted or changed while it was written", remedy=_AGAIN, path=str(target))
        for name in there.keys() - found.keys() - {MANIFEST}:
            if name in known or earlier is None or not earlier.complete:  # left over from runs that were interrupted
                (target / name).unlink(missing_ok=True)
        entries = tuple(FileEntry(name=name, size=size, sha256=sha) for name, (size, sha) in sorted(found.items()))
        write_manifest(folder, manifest.model_copy(update={"complete": True, "files": entries}))
    except BaseException as error:
        goes_on = journal_parts(folder) if resume else updates is not None and not isinstance(error, Exception)
        if earlier is None and not goes_on:
            _clear(target)
        raise


def _replaceable(target: RemotePath, overwrite: bool, updates: Callable[[Manifest], bool] | None) -> Manifest | None:
    """The manifest of the output that may be replaced; None where nothing is there.

    A bucket tells sizes: an object of another size was changed.
    """
    there = target.below() if target.exists() else {}
    if not there:
        return None
    manifest = read_manifest(as_path(target))
    sizes = {} if manifest is None else {entry.name: entry.size for entry in manifest.files}
    if manifest is None or manifest.complete:
        strange = next((name for name in there if name not in sizes and (name != MANIFEST or manifest is None)), None)
        changed = next((name for name, size in there.items() if name in sizes and size != sizes[name]), None)
        if strange is not None or changed is not None:
            problem = f"{strange}, which no earlier run wrote" if strange else f"{changed}, which was changed"
            raise DataError(f"holds {problem}", remedy="move it away or choose another output", path=str(target))
    assert manifest is not None  # without one, all is strange
    if not overwrite and not (updates and updates(manifest)):
        unfinished = "" if manifest.complete else ", unfinished"
        raise DataError(f"output exists{unfinished}", remedy="pass --overwrite or choose another", path=str(target))
    return manifest


def _clear(target: RemotePath) -> None:
    """Deletes what lies below a folder that was empty; the manifest goes last."""
    with suppress(DataError):
        target.forget()
        for name in sorted(target.below(), key=lambda name: name == MANIFEST):
            (target / name).unlink(missing_ok=True)
