"""Files of boxes by their names: suffixes in any case, and packed ones (``.gz``) beside plain ones."""

from __future__ import annotations

import os
import re
import warnings
from pathlib import Path

from gnntrack.errors import DataWarning
from gnntrack.remote import is_remote

PACKED, ARRAY = ".gz", ".npy"


def has_suffix(path: Path, suffix: str) -> bool:
    """Whether a file is of this kind, packed or not.

    Example:
        >>> has_suffix(Path("a.TXT.gz"), ".txt"), has_suffix(Path("a.csv"), ".txt")
        (True, False)
    """
    return path.name.lower().removesuffix(PACKED).endswith(suffix)


def stem_of(path: Path) -> str:
    """The name without ``.gz`` and the suffix before it.

    Example:
        >>> stem_of(Path("MOT17-02.txt.gz")), stem_of(Path("0000.txt"))
        ('MOT17-02', '0000')
    """
    return Path(path.name[: -len(PACKED)]).stem if path.suffix.lower() == PACKED else path.stem


def folder_name(folder: Path) -> str:
    """The name of a folder where it lies: of a link its own, not that of what it leads to.

    Example:
        >>> folder_name(Path("data/street/.")), folder_name(Path("data/street/gt/.."))
        ('street', 'street')
    """
    if is_remote(folder):
        return folder.name or folder.bucket
    return folder.name if folder.name not in ("", "..") else folder.resolve().name


def entries(folder: Path) -> list[Path]:
    """What lies in a folder, by name; links are followed, but for those to nothing, and to the folder itself."""
    if is_remote(folder):
        return list(folder.iterdir())
    found = []
    with os.scandir(folder) as inside:
        for entry in sorted(inside, key=lambda each: each.name):
            path = folder / entry.name
            if entry.is_symlink():
                if not path.exists():
                    warnings.warn(f"{path}: a link to nothing; left out", DataWarning, stacklevel=3)
                    continue
                if path.samefile(folder):
                    continue
            found.append(path)
    return found


def files_in(folder: Path, suffix: str) -> list[Path]:
    """The files of a kind in a folder, by name; of a plain and a packed one of the same name the plain one."""
    found: dict[str, Path] = {}
    for path in entries(folder) if folder.is_dir() else []:
        if has_suffix(path, suffix) and not path.name.startswith(".") and path.is_file():
            found.setdefault(stem_of(path), path)
    return list(found.values())


def by_value(name: str) -> list[tuple[int, int, str]]:
    """A key that sorts numbers in names by value.

    Example:
        >>> sorted(["f_10.jpg", "f_9.jpg"], key=by_value)
        ['f_9.jpg', 'f_10.jpg']
    """
    return [(1, int(part), "") if part.isdecimal() else (0, 0, part) for part in re.split(r"([0-9]{1,18})", name)]


def existing(path: Path) -> Path:
    """The file, or the packed one in its place; the file's own name where neither is there."""
    packed = path.with_name(path.name + PACKED)
    return packed if not path.is_file() and packed.is_file() else path


def files_below(path: Path, most: int = 8) -> list[str]:
    """What lies at a path, for errors: names of files below it, folders that hold none, at most so many.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> (folder / "gt").mkdir(), (folder / "img.txt").write_text("")
        (None, 0)
        >>> files_below(folder)
        ['gt/ (empty)', 'img.txt']
    """
    if not path.is_dir():
        return [path.name]
    found: list[str] = []
    for entry in sorted(path.iterdir()):
        if len(found) == most:
            return [*found, "…"]
        inside = sorted(item.name for item in entry.iterdir()) if entry.is_dir() else []
        if inside:
            found.append(f"{entry.name}/{inside[0]}" + (f" and {len(inside) - 1} more" if inside[1:] else ""))
        else:
            found.append(f"{entry.name}/ (empty)" if entry.is_dir() else entry.name)
    return found
