"""Where results lie: a folder, ``data/`` inside it, a zip of either, one file; and the name of each result."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from gnntrack.errors import DataError
from gnntrack.formats.file_names import files_in, has_suffix, stem_of
from gnntrack.names import is_name
from gnntrack.showing import shown

#: Text of results shrinks to a fourth or a tenth; what shrinks far more, or unpacks to more bytes, is no result.
LARGEST_RATIO, LARGEST_SIZE, MOST_MEMBERS = 200, 4 << 30, 20_000
_CHUNK = 1 << 20
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
    twice = [path for number, path in enumerate(paths) if path.resolve() in [each.resolve() for each in paths[:number]]]
    if twice:
        raise DataError("given twice", remedy="give each --pred once", path=twice[0])
    found: dict[str, Path] = {}
    for number, path in enumerate(paths):
        label = names[number] if names else _own_name(path)
        if label in found and not names:
            label = f"{path.resolve().parent.name}/{label}"
        if label in found or not label.strip():
            raise DataError(f"two results are named {shown(label)}", remedy="give each its own with --name")
        found[label] = path
    return found


def _own_name(path: Path) -> str:
    path = path.resolve()
    path = path.parent if path.name == "data" else path
    return stem_of(path) if any(has_suffix(path, suffix) for suffix in (*SUFFIXES, ".zip")) else path.name


@contextmanager
def opened(results: Path) -> Iterator[Path]:
    """The folder or file of results itself: zips are unpacked for as long as the block lasts, ``data/`` is entered.

    Raises:
        DataError: there is nothing, or the zip is none, or hides something.
    """
    if results.is_file() and zipfile.is_zipfile(results):
        with tempfile.TemporaryDirectory() as folder:
            _unpack(results, Path(folder))
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
        folders = [folder for folder in path.iterdir() if folder.is_dir()]
        if path / "data" in folders:
            path = path / "data"
        elif len(folders) == 1 and not any((folders[0] / inside).is_dir() for inside in ("gt", "det")):
            path = folders[0]
        else:
            break
    return path


def _unpack(path: Path, folder: Path) -> None:
    """Unpacks the text files of a zip, member by member, and never more than they said."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            members = [member for member in members if _wanted(member.filename)]
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


def _wanted(name: str) -> bool:
    """Results alone; not what systems add (``__MACOSX/._A.txt``, seqmaps)."""
    parts = PurePosixPath(name).parts
    hidden = any(part.startswith(("__MACOSX", "._")) for part in parts)
    return name.lower().endswith(SUFFIXES) and not hidden


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
        link = (member.external_attr >> 16) & 0o170000 == 0o120000
        inside = all(is_name(part) and part != ".." and not any(sign in part for sign in "/\\:") for part in parts)
        if link or not parts or not inside:
            raise DataError(f"member {shown(member.filename)} lies outside", remedy="pack plain files", path=path)
