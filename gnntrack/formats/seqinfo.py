"""``seqinfo.ini`` and ``labels.txt``: what MOTChallenge-like folders say beside the boxes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from gnntrack.checks import LARGEST_FRAME
from gnntrack.errors import DataError
from gnntrack.files import write_text
from gnntrack.formats.file_names import folder_name
from gnntrack.formats.number_files import number
from gnntrack.formats.options import SequenceInfo
from gnntrack.loaders.ini import read_ini
from gnntrack.loaders.text import read_text
from gnntrack.names import is_name
from gnntrack.remote import as_path
from gnntrack.sequence import Sequence
from gnntrack.showing import shown

SEQINFO = "seqinfo.ini"
_REMEDY = "expected [Sequence] with seqLength, frameRate, imWidth, imHeight"
_NUMBERED = re.compile(r"(\d{1,16}): (.+)")


#: Bytes of a list of classes.
LARGEST_LABELS = 2**20


def read_info(folder: str | Path) -> SequenceInfo:
    """Reads ``seqinfo.ini``; where there is none only the name is set, to the folder's.

    Raises:
        DataError: the file is there but has no such section, or a value is not a number.
    """
    folder = as_path(folder)
    name = folder_name(folder)
    path = folder / SEQINFO
    if not path.is_file():
        return SequenceInfo(name)
    section = read_ini(path).get("Sequence")
    if section is None:
        raise DataError("unreadable: no section [Sequence]", remedy=_REMEDY, path=path)
    width, height, length = (int(_number(section, key, path)) for key in ("imWidth", "imHeight", "seqLength"))
    return SequenceInfo(name, width, height, _number(section, "frameRate", path, whole=False), length)


def _number(section: Mapping[str, str], key: str, path: Path, whole: bool = True) -> float:
    """A number from 0; 0 where there is none."""
    text = section.get(key.lower(), "0")
    try:
        value = number(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= LARGEST_FRAME or (whole and not text.removeprefix("+").isdecimal()):
        raise DataError(f"unreadable: {key} is {shown(text)}", remedy=_REMEDY, path=path)
    return value


def write_info(folder: Path, sequence: Sequence) -> None:
    """Writes ``seqinfo.ini`` with the sequence's length, rate and size."""
    lines = [
        "[Sequence]",
        f"name={sequence.name}",
        "imDir=img1",
        f"frameRate={sequence.frame_rate:.12g}",
        f"seqLength={sequence.length}",
        f"imWidth={sequence.width}",
        f"imHeight={sequence.height}",
        "imExt=.jpg",
    ]
    write_text(folder / SEQINFO, "\n".join(lines) + "\n")


def read_labels(path: Path) -> dict[int, str]:
    """The class names of ``labels.txt``: a name a line, the first is class 1 (as CVAT writes it), or ``id: name``.

    Raises:
        DataError: a name is too long, or holds characters that are not printed.
    """
    if not path.is_file():
        return {}
    lines = [line.strip() for line in read_text(path, LARGEST_LABELS).split("\n")]
    for place, line in enumerate(lines, 1):
        if line and not is_name(line):
            raise DataError(f"class name {shown(line)}", remedy="use printable characters", path=path, line=place)
    numbered = [_NUMBERED.fullmatch(line) for line in lines if line]
    if all(numbered):
        return {int(match[1]): match[2] for match in numbered if match}
    return {number: line for number, line in enumerate(lines, 1) if line}


def write_labels(path: Path, classes: Mapping[int, str]) -> None:
    """Writes ``labels.txt``; nothing where no class has a name."""
    if not classes:
        return
    if set(classes) == set(range(1, len(classes) + 1)):
        lines = [classes[number] for number in sorted(classes)]
    else:
        lines = [f"{number}: {classes[number]}" for number in sorted(classes)]
    write_text(path, "\n".join(lines) + "\n")
