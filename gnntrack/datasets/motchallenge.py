"""MOTChallenge files and folders (MOT15, 16, 17, 20, DanceTrack, SportsMOT): reading and writing.

A row is ``frame, id, left, top, width, height, confidence[, class, visibility]`` in files of up to nine columns and
``frame, id, left, top, width, height, confidence, X, Y, Z`` (world coordinates, not used) in files of ten. Appearance
vectors, where there are any, lie beside the file: ``gt.npy``, a row a line.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from gnntrack.datasets.raw import (
    Confidence,
    Content,
    Kept,
    OnError,
    RawSequence,
    ReadOptions,
    SequenceInfo,
    as_written,
    attempt,
    prepare,
)
from gnntrack.datasets.seqinfo import read_info, read_labels, write_info, write_labels
from gnntrack.datasets.text import Report, first_rows, is_number, raise_it, read_numbers
from gnntrack.errors import DataError, DataWarning
from gnntrack.files import atomic_path, check_inside
from gnntrack.loaders.npy import read_npy
from gnntrack.sequence import BOX, Sequence

__all__ = [
    "MOTCHALLENGE",
    "Confidence",
    "Content",
    "MotChallenge",
    "OnError",
    "ReadOptions",
    "SequenceInfo",
    "find_folders",
    "read_file",
    "read_folder",
    "read_info",
    "read_raw",
    "write_tracks",
]

_COLUMNS = ["frame", "id", "x", "y", "w", "h", "conf", "class_id", "visibility"]
_FILES: dict[Content, str] = {"annotations": "gt/gt.txt", "detections": "det/det.txt", "tracks": "gt/gt.txt"}
_EXPECTED = "frame,id,x,y,w,h,conf"


def read_file(
    path: str | Path,
    content: Content,
    options: ReadOptions = ReadOptions(),
    info: SequenceInfo | None = None,
) -> Sequence:
    """Reads one MOTChallenge file.

    Args:
        path: the file. Commas, semicolons, tabs or spaces separate; a header line, a byte-order mark, blank lines and
            trailing separators are accepted.
        content: what the rows are. Detections lose their second column.
        options: how tolerant reading is.
        info: name, size, rate and length; without it they are taken from the ``seqinfo.ini`` of a sequence folder, else
            the file's name, a size that holds all boxes, and 30 frames a second are assumed, with a warning.

    Raises:
        DataError: the file is missing, is not such a file, or a row breaks a rule of :class:`Sequence`.
    """
    return read_raw(Path(path), content, options, info).check()


def read_folder(
    folder: str | Path,
    content: Content,
    options: ReadOptions = ReadOptions(),
    file: str | None = None,
) -> Sequence:
    """Reads the annotations (``gt/gt.txt``) or detections (``det/det.txt``) of a sequence folder.

    The sequence is named after the folder, as evaluation tools do.

    Args:
        folder: holds ``gt/gt.txt``, ``det/det.txt`` and, if all is well, ``seqinfo.ini``.
        content: ``annotations`` or ``detections``.
        options: how tolerant reading is.
        file: another file inside the folder, such as ``det/det_dpm.txt``.
    """
    folder = Path(folder)
    return read_raw(folder / (file or _FILES[content]), content, options, folder).check()


def find_folders(root: str | Path) -> list[Path]:
    """The sequence folders below ``root`` (those with ``gt/`` or ``det/``), or ``root`` itself if it is one.

    Raises:
        DataError: there is none, or one is a link that leads out of ``root``.
    """
    root = Path(root)
    if not root.is_dir():
        raise DataError("no such folder", remedy="check the path", path=root)
    found = [path for path in [root, *sorted(root.iterdir())] if _is_sequence(path)]
    if not found:
        here = sorted(path.name for path in root.iterdir())
        below = [path for path in here if (root / path).is_dir() and any(map(_is_sequence, (root / path).iterdir()))]
        remedy = f"name one of its folders, such as {root / below[0]}" if below else "expected NAME/gt/gt.txt"
        raise DataError(f"no sequence folders; found {', '.join(here[:8]) or 'nothing'}", remedy=remedy, path=root)
    return [check_inside(path, root) for path in found]


def write_tracks(path: str | Path, tracks: Sequence) -> None:
    """Writes ``frame,id,x,y,w,h,conf,-1,-1,-1`` rows, by frame and id, atomically.

    Pixel coordinates keep two decimals, as the benchmarks' own files do.
    """
    table = tracks.boxes.sort_values(["frame", "id"], kind="stable")
    out = table[["frame", "id"]].copy()
    out[BOX] = table[BOX].round(2)
    out["conf"] = table["conf"].round(4)
    out["a"] = out["b"] = out["c"] = -1
    with atomic_path(path) as temporary:
        out.to_csv(temporary, header=False, index=False)


@dataclass(frozen=True)
class MotChallenge:
    """The format object: a sequence folder, a folder of them, a file, or a folder of files named after sequences."""

    name: str = "mot"

    def guess(self, path: Path) -> str | None:
        """Why ``path`` looks like this format, or None."""
        if path.is_file():
            return "a text file of numbers, six or more columns" if _is_number_file(path) else None
        folders = [path, *sorted(path.iterdir())]
        for folder in folders:
            for file in ("gt/gt.txt", "det/det.txt", "gt", "det", "seqinfo.ini"):
                if (folder / file).exists():
                    return f"{folder.name}/{file} exists"
        for entry in folders[1:]:
            if entry.suffix == ".txt" and _is_number_file(entry):
                return f"{entry.name} holds numbers, six or more columns"
        return None

    def contents(self, path: Path, options: ReadOptions) -> list[Content]:
        """What there is to read."""
        files = self._flat(path)
        if files:
            return ["detections" if files[0].stem.startswith("det") else "annotations"]
        folders = find_folders(path)
        names: dict[Content, str] = {"annotations": _FILES["annotations"]}
        names["detections"] = options.detections or _FILES["detections"]
        return [content for content, name in names.items() if any((folder / name).is_file() for folder in folders)]

    def read(self, path: Path, content: Content, options: ReadOptions, report: Report) -> Iterator[RawSequence]:
        """Yields the sequences one by one."""
        flat = self._flat(path)
        for file in flat:
            if len(flat) > 1 and not options.wants(file.stem):
                continue
            yield from attempt(report, partial(read_raw, file, content, options, None, report))
        for folder in [] if flat else find_folders(path):
            if not options.wants(folder.resolve().name):
                continue
            name = options.detections if content == "detections" and options.detections else _FILES[content]
            if (folder / name).is_file():
                yield from attempt(report, partial(read_raw, folder / name, content, options, folder, report))
                continue
            beside = sorted(file.name for file in (folder / name).parent.glob("*.txt"))
            warnings.warn(
                f"{folder}: no {name}" + (f"; found {', '.join(beside)}" if beside else ""), DataWarning, stacklevel=2
            )

    def write(self, root: Path, sequences: Iterable[Sequence], content: Content) -> None:
        """Writes ``root/NAME/gt/gt.txt`` or ``det/det.txt``, ``seqinfo.ini`` and, where classes have names, labels."""
        for sequence in sequences:
            folder = check_inside(root / sequence.name, root)
            table = sequence.boxes
            out = table[["frame", "id"]].copy()
            for column in BOX:
                out[column] = as_written(table[column])
            out["conf"] = table["conf"].astype("int64") if content == "annotations" else table["conf"]
            if content == "annotations" or (table["class_id"] != 1).any() or (table["visibility"] != 1).any():
                out["class_id"], out["visibility"] = table["class_id"], table["visibility"]
            file = folder / _FILES[content]
            with atomic_path(file) as temporary:
                out.to_csv(temporary, header=False, index=False)
            if sequence.embeddings is not None:
                with atomic_path(file.with_suffix(".npy")) as temporary, temporary.open("wb") as stream:
                    np.save(stream, sequence.embeddings, allow_pickle=False)
            write_info(folder, sequence)
            write_labels(file.with_name("labels.txt"), sequence.classes)

    def _flat(self, path: Path) -> list[Path]:
        """The text files where there are no sequence folders."""
        if path.is_file():
            return [path]
        if not path.is_dir() or any(map(_is_sequence, [path, *path.iterdir()])):
            return []
        return [check_inside(file, path) for file in sorted(path.glob("*.txt"))]


MOTCHALLENGE = MotChallenge()


def _is_sequence(path: Path) -> bool:
    return (path / "gt").is_dir() or (path / "det").is_dir()


def _is_number_file(path: Path) -> bool:
    """Whether the first lines read like ``frame,id,x,y,w,h``; an empty file may be one."""
    rows = first_rows(path)
    return path.stat().st_size == 0 or any(len(row) >= 6 and is_number(row[0]) for row in rows)


def _info_of(path: Path) -> SequenceInfo | None:
    """What the sequence folder around ``gt/gt.txt`` or ``det/det.txt`` says, if there is one."""
    folder = path.parent.parent
    inside = path.parent.name in {"gt", "det"}
    return read_info(folder) if inside and (folder / "seqinfo.ini").is_file() else None


def read_raw(
    path: Path,
    content: Content,
    options: ReadOptions,
    about: SequenceInfo | Path | None,
    report: Report = raise_it,
) -> RawSequence:
    """The rows of a file, unchecked; ``about`` is what is known of the video, or the folder that says so."""
    info = read_info(about) if isinstance(about, Path) else about or _info_of(path)
    numbers = read_numbers(path, 6, _EXPECTED, report)
    table, inferred = _table(numbers.values, content)
    table, origin, skipped = prepare(table, numbers.origin, content, options, frame_base=1)
    info = info or SequenceInfo(_name_of(path))
    if not (info.length or info.width) and not (options.size and options.frame_rate):
        inferred.append("no seqinfo.ini; size and length are inferred, 30 frames/s assumed")
    if options.size or options.frame_rate:
        width, height = options.size or (info.width, info.height)
        info = SequenceInfo(info.name, width, height, options.frame_rate or info.frame_rate, info.length)
    labels = read_labels(path.with_name("labels.txt"))
    vectors = _vectors(path.with_suffix(".npy"), len(numbers.values))
    if vectors is not None and isinstance(origin, Kept):
        vectors = vectors[origin.kept]
    return RawSequence(info, content, table, origin, labels, skipped, "; ".join(inferred), vectors)


def _vectors(path: Path, count: int) -> np.ndarray | None:
    """The appearance vectors beside a file, a row a line: ``(N, D)`` float32; None where there are none."""
    if not path.is_file():
        return None
    vectors = read_npy(path)
    if vectors.ndim != 2 or len(vectors) != count:
        raise DataError(f"vectors of shape {vectors.shape} for {count} boxes", remedy="give one row a line", path=path)
    return vectors


def _name_of(path: Path) -> str:
    """A file named ``gt`` or ``det`` is named after its folder."""
    names = [path.stem, *(parent.name for parent in path.resolve().parents)]
    return next((name for name in names if name and name not in {"gt", "det"}), path.stem)


def _table(values: np.ndarray, content: Content) -> tuple[pd.DataFrame, list[str]]:
    """The raw columns under the table's names, before any check, and what had to be assumed."""
    count = min(values.shape[1], 9) if values.shape[1] < 10 else 7  # ten columns: world coordinates follow
    table = pd.DataFrame({name: values[:, index] for index, name in enumerate(_COLUMNS[:count])}, copy=False)
    inferred = []
    if "conf" not in table:
        table["conf"] = 1.0
    for column in ("class_id", "visibility"):
        if column in table and (table[column] == -1).all() and len(table):
            if content == "annotations" and column == "class_id":
                inferred.append("class -1 throughout: all boxes count as one class")
            table[column] = 1.0
    return table, inferred
