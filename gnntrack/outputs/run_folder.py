"""A folder that is written in place over hours, as a training run's is: claimed first, vouched for at the end."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from gnntrack.errors import DataError
from gnntrack.files import make_folder, remove_empty
from gnntrack.outputs.manifest import MANIFEST, FileEntry, Manifest, digest, foreign, read_manifest, write_manifest
from gnntrack.outputs.places import check_place
from gnntrack.remote import on_this_machine


def check_claim(
    target: str | os.PathLike[str],
    *,
    overwrite: bool = False,
    resume: bool = False,
    sources: Iterable[str | os.PathLike[str]] = (),
) -> Path:
    """The real place of a run folder.

    Args:
        target: the folder.
        overwrite: an earlier output in it may be replaced.
        resume: an earlier run in it goes on.
        sources: what is read.

    Raises:
        DataError: the place is refused, holds what no earlier run wrote, or holds an earlier run and neither
            ``overwrite`` nor ``resume`` is set.
    """
    real = check_place(on_this_machine(target), sources)
    if resume or not real.is_dir() or not any(real.iterdir()):
        return real
    manifest = read_manifest(real)
    problem = foreign(real, manifest)
    if problem is not None:
        raise DataError(problem, remedy="move it away or choose another output", path=target)
    assert manifest is not None  # without one, all is foreign
    begun = manifest.complete or any((real / entry.name).exists() for entry in manifest.files)
    if begun and not overwrite:
        remedy = "pass --overwrite" if manifest.complete else "pass --resume to go on, --overwrite to start again"
        raise DataError("output exists", remedy=f"{remedy} or choose another", path=target)
    return real


@contextmanager
def claimed_folder(
    target: str | os.PathLike[str],
    verb: str,
    names: Iterable[str],
    *,
    settings: dict[str, Any] | None = None,
    overwrite: bool = False,
    resume: bool = False,
    sources: Iterable[str | os.PathLike[str]] = (),
) -> Iterator[None]:
    """Makes the folder and its manifest, which names the files that will be written in the block.

    Files of an earlier output that are not among them are deleted; the others stay until they are rewritten.
    If the block fails before it wrote one, nothing is left.

    Raises:
        DataError: see :func:`check_claim`; or it cannot be written.
    """
    real = check_claim(target, overwrite=overwrite, resume=resume, sources=sources)
    manifest = read_manifest(real) if real.is_dir() else None
    earlier = set() if manifest is None else {entry.name for entry in manifest.files}
    claimed = set(names) | earlier if resume else set(names)
    made = [real, *real.parents]
    made = made[: next(number for number, folder in enumerate(made) if folder.exists())]
    try:
        make_folder(real)
        files = tuple(FileEntry(name=name) for name in sorted(claimed))
        write_manifest(Path(target), Manifest(verb=verb, settings=settings or {}, files=files))
        for name in earlier - claimed:
            with suppress(OSError):
                (real / name).unlink()
                (real / name).parent.rmdir()  # if nothing else is in it
        yield
    except DataError:
        if not any((real / name).exists() for name in claimed):
            with suppress(OSError):
                (real / MANIFEST).unlink()
            remove_empty(made)
        raise


def claim_more(target: str | os.PathLike[str], names: Iterable[str]) -> None:
    """Adds files that will be written to a folder that was vouched for."""
    manifest = read_manifest(Path(target))
    assert manifest is not None
    known = {entry.name for entry in manifest.files}
    files = (*manifest.files, *(FileEntry(name=name) for name in names if name not in known))
    write_manifest(Path(target), manifest.model_copy(update={"complete": False, "files": files}))


def vouch(target: str | os.PathLike[str], needed: Iterable[str]) -> None:
    """Finishes the manifest of a claimed folder: the files that are there, with their content.

    Raises:
        DataError: a needed file is missing.
    """
    folder = Path(target)
    manifest = read_manifest(folder)
    if manifest is None or not all((folder / name).is_file() for name in needed):
        problem = "files were deleted while the folder was written"
        raise DataError(problem, remedy="run it again; leave the folder alone meanwhile", path=target)
    entries = []
    for entry in manifest.files:
        path = folder / entry.name
        if path.is_file() and not path.is_symlink():
            size, checksum = digest(path)
            entries.append(FileEntry(name=entry.name, size=size, sha256=checksum))
    write_manifest(folder, manifest.model_copy(update={"complete": True, "files": tuple(entries)}))
