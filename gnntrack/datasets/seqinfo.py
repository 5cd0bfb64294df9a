"""``seqinfo.ini`` and ``labels.txt``: what MOTChallenge-like folders say beside the boxes."""

from __future__ import annotations

import configparser
import re
from collections.abc import Mapping
from pathlib import Path

from gnntrack.checks import LARGEST_FRAME
from gnntrack.datasets.raw import SequenceInfo
from gnntrack.errors import DataError
from gnntrack.files import write_text
from gnntrack.loaders.text import read_text
from gnntrack.sequence import Sequence

_NUMBERED = re.compile(r"(\d{1,9}): (.+)")


def read_info(folder: str | Path) -> SequenceInfo:
    """Reads ``seqinfo.ini``; where there is none only the name is set, to the folder's.

    Raises:
        DataError: the file is there but has no such section, or a value is not a number.
    """
    folder = Path(folder)
    name = folder.resolve().name
    path = folder / "seqinfo.ini"
    if not path.is_file():
        return SequenceInfo(name)
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(read_text(path))
        section = parser["Sequence"]
        sizes = [section.getint(key, 0) for key in ("imWidth", "imHeight", "seqLength")]
        if max(map(abs, sizes)) > LARGEST_FRAME:
            raise ValueError(f"{max(sizes, key=abs):.3g} is no size or length")
        width, height, length = sizes
        return SequenceInfo(name, width, height, section.getfloat("frameRate", 0.0), length)
    except (configparser.Error, KeyError, ValueError, OverflowError, AttributeError) as error:
        if isinstance(error, DataError):
            raise
        remedy = "expected [Sequence] with seqLength, frameRate, imWidth, imHeight"
        raise DataError(f"unreadable: {str(error)[:120]}", remedy=remedy, path=path) from None


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
    write_text(folder / "seqinfo.ini", "\n".join(lines) + "\n")


def read_labels(path: Path) -> dict[int, str]:
    """The class names of ``labels.txt``: a name a line, the first is class 1 (as CVAT writes it), or ``id: name``."""
    if not path.is_file():
        return {}
    lines = [line.strip() for line in read_text(path).split("\n")]
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
