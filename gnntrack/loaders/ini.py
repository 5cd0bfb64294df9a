"""``.ini`` files: sections of ``key=value`` lines, read line by line."""

from __future__ import annotations

from pathlib import Path

from gnntrack.errors import DataError
from gnntrack.loaders.text import read_text
from gnntrack.showing import shown

#: Bytes and lines that a file may have; those that describe a video have ten lines.
LARGEST, MOST_LINES, LONGEST_KEY = 64 * 1024, 1000, 100


def read_ini(path: Path) -> dict[str, dict[str, str]]:
    """The sections of a file; keys are in lower case, as their case does not count.

    Lines that begin with ``#`` or ``;`` are comments; ``=`` or ``:`` ends a key.

    Raises:
        DataError: the file is missing, too large, or a line is none of these; a section or key stands twice.
    """
    lines = read_text(path, LARGEST).split("\n")
    if len(lines) > MOST_LINES + 1:
        raise DataError(f"more than {MOST_LINES} lines", remedy="check the file", path=path)
    sections: dict[str, dict[str, str]] = {}
    keys: dict[str, str] | None = None
    for number, line in enumerate(lines, 1):
        line = line.strip()
        if not line or line[0] in "#;":
            continue
        if line[0] == "[" and line[-1] == "]":
            name = line[1:-1]
            if name in sections:
                raise DataError(f"section {shown(name)} stands twice", path=path, line=number)
            keys = sections[name] = {}
            continue
        if keys is None:
            raise DataError(f"{shown(line)} stands before any [section]", path=path, line=number)
        places = [place for place in (line.find("="), line.find(":")) if place > 0]
        if line[0] in "=:" or not places:
            raise DataError(f"{shown(line)} is neither [section] nor key=value", path=path, line=number)
        key = line[: min(places)].strip().lower()
        if len(key) > LONGEST_KEY:
            raise DataError(f"key {shown(key)} has {len(key)} characters", path=path, line=number)
        if key in keys:
            raise DataError(f"key {shown(key)} stands twice", remedy="keep one", path=path, line=number)
        keys[key] = line[min(places) + 1 :].strip()
    return sections
