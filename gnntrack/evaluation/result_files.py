"""Where results lie: a folder, ``data/`` inside it, a zip of either, one file; and the name of each result."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from gnntrack.errors import DataError
from gnntrack.formats.file_names import entries, files_in, folder_name, has_suffix, stem_of
from gnntrack.loaders.archives import is_zip, unpack
from gnntrack.remote import is_remote
from gnntrack.showing import shown

SUFFIXES = (".txt", ".json")


def result_names(paths: Sequence[Path], names: Sequence[str] | None = None) -> dict[str, Path]:
    """Name of each result: given, or that of its folder or file.

    Raises:
        DataError: there are not as many names as results, or two are alike, or a result is given twice.

    Example:
        >>> {name: path.as_posix() for name, path in result_names([Path("runs/a/data"), Path("b.zip")]).items()}
        {'a': 'runs/a/data', 'b': 'b.zip'}
    """
    if names and len(names) != len(paths):
        raise DataError(f"{len(names)} --name for {len(paths)} --pred", remedy="give one to each, in order")
    real = [str(path) if is_remote(path) else os.path.realpath(path) for path in paths]
    twice = [path for number, path in enumerate(paths) if real[number] in real[:number]]
    if twice:
        raise DataError("given twice", remedy="give each --pred once", path=twice[0])
    found: dict[str, Path] = {}
    for number, path in enumerate(paths):
        label = names[number] if names else _own_name(path)
        if label in found and not names:
            label = f"{folder_name(path.parent)}/{label}"
        if label in found or not label.strip():
            raise DataError(f"two results are named {shown(label)}", remedy="give each its own with --name")
        found[label] = path
    return found


def _own_name(path: Path) -> str:
    path = path.parent if folder_name(path) == "data" else path
    return stem_of(path) if any(has_suffix(path, suffix) for suffix in (*SUFFIXES, ".zip")) else folder_name(path)


@contextmanager
def unpacked(results: Path) -> Iterator[Path]:
    """The folder or file of results itself: zips are unpacked for as long as the block lasts, ``data/`` is entered.

    Raises:
        DataError: there is nothing, or the zip is none, or hides something.
    """
    if is_zip(results):
        with tempfile.TemporaryDirectory() as folder:
            unpack(results, Path(folder), SUFFIXES)
            yield _inner(Path(folder))
    elif results.is_file() and results.suffix.lower() == ".zip":
        raise DataError("not a zip file", remedy="pack it again", path=results)
    elif results.exists():
        yield _inner(results)
    else:
        raise DataError("no such file or folder", remedy="give the folder that holds SEQUENCE.txt", path=results)


def _inner(path: Path) -> Path:
    """``data/`` where the folder itself has no results (TrackEval's layout), or the one folder that a zip holds."""
    while path.is_dir() and not any(files_in(path, suffix) for suffix in SUFFIXES):
        folders = [folder for folder in entries(path) if folder.is_dir()]
        if path / "data" in folders:
            path = path / "data"
        elif len(folders) == 1 and not any((folders[0] / inside).is_dir() for inside in ("gt", "det")):
            path = folders[0]
        else:
            break
    return path
