"""MOTChallenge files and folders (MOT15, 16, 17, 20, DanceTrack, SportsMOT): reading and writing.

A row is ``frame, id, left, top, width, height, confidence[, class, visibility]`` in files of up to nine columns and
``frame, id, left, top, width, height, confidence, X, Y, Z`` (world coordinates, not used) in files of ten. Many tools
write a class in place of X: it is one where all are whole numbers from 0 to 999 and Y and Z hold no coordinates.
Appearance vectors, where there are any, lie beside the file: ``gt.npy``, a row a line. UAVDT's regions lie in
``gt_ignore.txt`` (:mod:`.ignored`).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from gnntrack.errors import DataError, DataWarning
from gnntrack.files import atomic_path, check_inside
from gnntrack.formats.arrays import ArrayOrigin, holds_boxes, read_boxes, read_vectors
from gnntrack.formats.file_names import existing, files_below, files_in, stem_of
from gnntrack.formats.number_files import (
    Numbers,
    Report,
    first_rows,
    is_number,
    raise_it,
    read_numbers,
    without_identity,
)
from gnntrack.formats.raw import (
    Confidence,
    Content,
    Kept,
    MissingFile,
    OnError,
    RawSequence,
    ReadingOptions,
    SequenceInfo,
    as_written,
    assumed,
    attempt,
    prepare,
)
from gnntrack.formats.seqinfo import read_info, read_labels, write_info, write_labels
from gnntrack.formats.uavdt import annotation_files, video_name, with_regions
from gnntrack.loaders.npy import read_npy
from gnntrack.sequence import BOX, Sequence

__all__ = [
    "MOTCHALLENGE",
    "Confidence",
    "Content",
    "MotChallenge",
    "OnError",
    "ReadingOptions",
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
ARRAY = ".npy"
#: Of ten columns, the eighth is a class up to this number, where the ninth and tenth hold nothing but these.
LARGEST_CLASS, _NO_COORDINATE = 999, (-1.0, 0.0, 1.0, 2.0)


def read_file(
    path: str | Path,
    content: Content,
    options: ReadingOptions = ReadingOptions(),
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
    options: ReadingOptions = ReadingOptions(),
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
    path = folder / file if file else _file(folder, content, options)
    return read_raw(path, content, options, folder).check()


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
    expected: str = "expected NAME/gt/gt.txt or NAME/det/det.txt, plain or packed (.txt.gz)"

    def guess(self, path: Path) -> str | None:
        """Why ``path`` looks like this format, or None."""
        if path.is_file():
            if path.suffix.lower() == ARRAY:
                return "an array of ten columns of boxes and vectors" if _is_box_array(path) else None
            return "a text file of numbers, six or more columns" if _is_number_file(path) else None
        for folder in [path, *sorted(path.iterdir())]:
            for name in ("gt", "det", "seqinfo.ini"):
                if (folder / name).exists():
                    return f"{folder.name}/{name} exists"
        for entry in _flat(path):
            if entry.suffix.lower() == ARRAY or _is_number_file(entry):
                return f"{entry.name} holds numbers, six or more columns"
        return None

    def contents(self, path: Path, options: ReadingOptions) -> list[Content]:
        """What there is to read."""
        files = _flat(path)
        if files:
            first = files[0]
            boxes_alone = first.stem.startswith("det") or first.suffix.lower() == ARRAY or without_identity(first)
            return ["detections" if boxes_alone else "annotations"]
        kinds: tuple[Content, Content] = ("annotations", "detections")
        folders = find_folders(path)
        return [kind for kind in kinds if any(_file(folder, kind, options).is_file() for folder in folders)]

    def read(self, path: Path, content: Content, options: ReadingOptions, report: Report) -> Iterator[RawSequence]:
        """Yields the sequences one by one."""
        flat = _flat(path)
        for file in flat:
            if options.wants(_name_of(file)):
                yield from attempt(report, partial(read_raw, file, content, options, None, report))
        for folder in [] if flat else find_folders(path):
            if not options.wants(folder.resolve().name):
                continue
            file = _file(folder, content, options)
            if file.is_file():
                yield from attempt(report, partial(read_raw, file, content, options, folder, report))
                continue
            promised = file.parent != folder and file.parent.is_dir()
            text = f"{folder}: no {file.relative_to(folder)}"
            if promised:
                text += f"; found {', '.join(files_below(file.parent)) or 'nothing'} in {file.parent.name}/"
            warnings.warn(text, MissingFile if promised else DataWarning, stacklevel=2)

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


MOTCHALLENGE = MotChallenge()


def has_boxes(folder: Path) -> bool:
    """Whether a folder holds ``gt/gt.txt`` or ``det/det.txt``, packed or not."""
    return any(existing(folder / file).is_file() for file in _FILES.values())


def _is_sequence(path: Path) -> bool:
    return (path / "gt").is_dir() or (path / "det").is_dir()


def _file(folder: Path, content: Content, options: ReadingOptions) -> Path:
    """The file of a sequence folder: text, packed text, or detections with their vectors in one array."""
    name = options.detections if content == "detections" and options.detections else _FILES[content]
    file, array = existing(folder / name), (folder / name).with_suffix(ARRAY)
    return array if content == "detections" and not file.is_file() and _is_box_array(array) else file


def _flat(path: Path) -> list[Path]:
    """The files where there are no sequence folders: text, or arrays that hold boxes."""
    if path.is_file():
        return [path]
    if not path.is_dir() or any(map(_is_sequence, [path, *path.iterdir()])):
        return []
    texts = annotation_files(files_in(path, ".txt"))
    return [check_inside(file, path) for file in texts or filter(_is_box_array, files_in(path, ARRAY))]


def _is_box_array(path: Path) -> bool:
    try:
        return holds_boxes(read_npy(path))
    except DataError:
        return False


def _is_number_file(path: Path) -> bool:
    """Whether the first lines read like ``frame,id,x,y,w,h``; an empty file may be one."""
    rows = first_rows(path)
    if path.stat().st_size == 0:
        return path.suffix.lower() != ".json"
    return any(len(row) >= 6 and is_number(row[0]) for row in rows)


def _info_of(path: Path) -> SequenceInfo | None:
    """What the sequence folder around ``gt/gt.txt`` or ``det/det.txt`` says, if there is one."""
    folder = path.parent.parent
    inside = path.parent.name in {"gt", "det"}
    return read_info(folder) if inside and (folder / "seqinfo.ini").is_file() else None


def read_raw(
    path: Path,
    content: Content,
    options: ReadingOptions,
    about: SequenceInfo | Path | None,
    report: Report = raise_it,
) -> RawSequence:
    """The rows of a file, unchecked; ``about`` is what is known of the video, or the folder that says so."""
    info = read_info(about) if isinstance(about, Path) else about or _info_of(path)
    vectors: np.ndarray | None
    if path.suffix.lower() == ARRAY:
        values, vectors = read_boxes(path)
        numbers = Numbers(values, ArrayOrigin(str(path)))
    else:
        numbers = read_numbers(path, 6, _EXPECTED, report)
        vectors = read_vectors(path.with_name(stem_of(path) + ARRAY), numbers.values)
    table, inferred = _table(numbers.values, content)
    table, origin, skipped = prepare(table, numbers.origin, content, options, frame_base=1)
    incomplete = "no seqinfo.ini" if info is None or not (info.width or info.length) else "seqinfo.ini says not all"
    info = info or SequenceInfo(_name_of(path))
    if not isinstance(about, SequenceInfo):
        inferred.append(assumed(incomplete, info, options))
    if options.size or options.frame_rate:
        width, height = options.size or (info.width, info.height)
        info = SequenceInfo(info.name, width, height, options.frame_rate or info.frame_rate, info.length)
    labels = read_labels(path.with_name("labels.txt"))
    if vectors is not None and isinstance(origin, Kept):
        vectors = vectors[origin.kept]
    if content == "annotations":
        table, origin = with_regions(path, table, origin, options, report)
        if vectors is not None:  # regions have none
            vectors = np.pad(vectors, [(0, len(table) - len(vectors)), (0, 0)])
    return RawSequence(info, content, table, origin, labels, skipped, "; ".join(filter(None, inferred)), vectors)


def _name_of(path: Path) -> str:
    """A file named ``gt`` or ``det`` is named after its folder."""
    names = [video_name(path), *(parent.name for parent in path.resolve().parents)]
    return next((name for name in names if name and name not in {"gt", "det"}), path.stem)


def _table(values: np.ndarray, content: Content) -> tuple[pd.DataFrame, list[str]]:
    """The raw columns under the table's names, before any check, and what had to be assumed."""
    count = min(values.shape[1], 9)
    if values.shape[1] > 9:  # world coordinates follow, or a class
        count = 8 if _is_class(*values[:, 7:10].T) else 7
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


def _is_class(kind: np.ndarray, second: np.ndarray, third: np.ndarray) -> bool:
    """Whether a column is a class: whole numbers, beside two that hold no coordinates."""
    whole = (kind == np.floor(kind)) & (kind >= 0) & (kind <= LARGEST_CLASS)
    empty = np.isin(second, _NO_COORDINATE) & np.isin(third, _NO_COORDINATE)
    return bool(whole.all() and empty.all() and ((kind > 0).any() or (second == -1).all()))
