"""What the files hold that videos are read from, as hashes: to see whether one has changed since."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Container, Iterable, Iterator
from pathlib import Path

from gnntrack.outputs.manifest import digest
from gnntrack.remote import is_remote

#: Images and videos count by their names: readers take no more than their size and number from them.
_BY_NAME = {".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff"}
_BY_NAME |= {".mp4", ".avi", ".mkv", ".mov", ".m4v", ".webm", ".mpg", ".mpeg", ".wmv"}


def place_contents(source: Path, places: Iterable[Path], beside: Iterable[Path] = ()) -> dict[Path, str]:
    """The content of the files of every place as SHA-256.

    Files that belong to no place (a list of classes, a file that names all videos) belong to every one.

    Args:
        source: a file or folder.
        places: files and folders, mostly in it.
        beside: other files that are read.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> for name in ("a.txt", "b.txt"):
        ...     _ = (folder / name).write_text("1")
        >>> places = [folder / "a.txt", folder / "b.txt"]
        >>> before = place_contents(folder, places)
        >>> _ = (folder / "b.txt").write_text("2")
        >>> [before[place] == after for place, after in place_contents(folder, places).items()]
        [True, False]
    """
    own: dict[Path, list[str]] = {place: [] for place in places}
    common = [_content(path, path.parent) for path in beside]
    outside = [place for place in own if source not in (place, *place.parents)]
    for root in (source, *outside):
        for path, owner in _files(root, own):
            (common if owner is None else own[owner]).append(_content(path, root))
    return {place: _hash([*sorted(common), "", *sorted(lines)]) for place, lines in own.items()}


def _files(root: Path, known: Container[Path]) -> Iterator[tuple[Path, Path | None]]:
    """The files below a folder, or itself, each with the place that it belongs to."""
    if is_remote(root) and root.is_dir():
        for found in (root / name for name in root.below()):
            yield found, next((each for each in (found, *found.parents) if each in known), None)
        return
    if not root.is_dir():
        yield root, root if root in known else None
        return
    owners: dict[str, Path | None] = {str(root): root if root in known else None}
    seen = set()
    for folder, folders, names in os.walk(root, followlinks=True):
        owner, here = owners.pop(folder), Path(folder)
        stat = here.stat()
        if (stat.st_dev, stat.st_ino) in seen:  # a link that leads back
            folders.clear()
            continue
        seen.add((stat.st_dev, stat.st_ino))
        for name in folders:
            inner = here / name
            owners[str(inner)] = inner if inner in known else owner
        for name in names:
            path = here / name
            yield path, path if path in known else owner


def _content(path: Path, root: Path) -> str:
    name = path.relative_to(root).as_posix()
    if path.suffix.lower() in _BY_NAME:
        return name
    if is_remote(path):
        return f"{name}\n{path.tag()}"
    try:
        return f"{name}\n{digest(path)[1]}"
    except OSError:  # a link to nothing, or nothing that may be read: whoever needs it says so
        return f"{name}\n-"


def _hash(lines: list[str]) -> str:
    return hashlib.sha256("\0".join(lines).encode(errors="surrogateescape")).hexdigest()
