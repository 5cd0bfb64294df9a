"""KITTI tracking: ``label_02/0000.txt`` and detections beside it, frames from 0, corners, class names.

A row is ``frame id class truncated occluded alpha left top right bottom height width length x y z yaw [score]``,
separated by spaces (Geiger et al., CVPR 2012; the development kit's readme). The 3D columns are not kept.
``DontCare`` regions become boxes of class 9 without identity and with flag 0 ("do not evaluate"), and back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from gnntrack.errors import DataError
from gnntrack.files import check_inside, write_text
from gnntrack.formats.file_names import files_in, stem_of
from gnntrack.formats.format import KINDS, FolderFormat, Place, Report
from gnntrack.formats.number_files import first_rows, is_number, number, without_identity
from gnntrack.formats.options import Content, ReadingOptions, SequenceInfo
from gnntrack.formats.origins import LineOrigin
from gnntrack.formats.raw import RawSequence, whole
from gnntrack.formats.values import as_written, class_numbers_of, corners_to_size, occlusion_of, visibility_of
from gnntrack.loaders.text import read_text
from gnntrack.sequence import TRUNCATION, Sequence
from gnntrack.showing import shown

#: Our numbers, as close to MOTChallenge's as the two lists allow.
CLASSES = {
    1: "Pedestrian",
    2: "Cyclist",
    3: "Car",
    4: "Van",
    5: "Truck",
    6: "Tram",
    7: "Person_sitting",
    8: "Misc",
    9: "DontCare",
}
DONT_CARE = 9
_NUMBERS = {name.lower(): number for number, name in CLASSES.items()} | {"person": 7}
_EXPECTED = "frame id class truncated occluded alpha left top right bottom, then 3D columns and a score"
#: KITTI's cameras took ten images a second of this size (a few sequences are some pixels smaller).
FRAME_RATE, WIDTH, HEIGHT = 10.0, 1242, 375
_LEVELS = 3  # occluded 0, 1, 2, 3 is visibility 1, 2/3, 1/3, 0
_COLUMNS = ["frame", "id", "class_id", "truncated", "occluded", "alpha", "x", "y", "right", "lower"]
_COLUMNS_3D = ["height", "width", "length", "px", "py", "pz", "yaw"]
_WITH_3D = [*_COLUMNS, *_COLUMNS_3D]
_WITH_SCORE = [*_WITH_3D, "conf"]
_WIDTHS = {len(columns) for columns in (_COLUMNS, _WITH_3D, _WITH_SCORE)}
_CLASS = _COLUMNS.index("class_id")
_SEQMAP = "evaluate_tracking.seqmap"


class Kitti(FolderFormat):
    """A ``training`` folder with ``label_02/``, a folder of label files, or one file."""

    name = "kitti"
    expected = "expected label_02/0000.txt, det*/0000.txt or such a file"
    annotations, detections = "label_02", "det"
    separate = False  # one file lists all
    suffix = ".txt"

    def recognise(self, path: Path) -> str | None:
        """Why ``path`` looks like this format, or None."""
        labels = self.annotations
        if (path / labels).is_dir():
            return f"{path.name}/{labels} exists"
        inside = files_in(path, ".txt") or files_in(self.folder(path, "detections", ReadingOptions()), ".txt")
        for file in [path] if path.is_file() else inside:
            first = next(iter(first_rows(file)), [])
            if len(first) >= len(_COLUMNS) and first[_CLASS].lower() in _NUMBERS:
                return f"{file.name} has a class name, {first[_CLASS]}, in its third column"
            if first:
                return None
        return None

    def contents(self, path: Path, options: ReadingOptions) -> list[Content]:
        """What there is to read."""
        if path.is_dir() and any(self.folder(path, kind, options).is_dir() for kind in KINDS):
            return super().contents(path, options)
        files = self.files(path, "annotations", options)
        return ["detections" if "det" in path.stem or (files and without_identity(files[0])) else "annotations"]

    def folder(self, path: Path, content: Content, options: ReadingOptions) -> Path:
        """The folder of a content; without a wish the detections are those of the first ``det*``."""
        usual = super().folder(path, content, options)
        if content != "detections" or options.detections or not path.is_dir():
            return usual
        return next(iter(sorted(folder for folder in path.glob("det*") if folder.is_dir())), usual)

    def places(self, path: Path, content: Content, options: ReadingOptions) -> list[Place]:
        """Where a content lies: a place a file, with the length that the seqmap says."""
        lengths = {} if path.is_file() else _lengths(path)
        places = super().places(path, content, options)
        found = [(place, stem_of(place.path)) for place in places if "seqmap" not in place.path.name]
        return [Place(place.path, name, lengths.get(name, 0)) for place, name in found]

    def sequences(
        self, place: Place, content: Content, options: ReadingOptions, report: Report
    ) -> Iterator[RawSequence]:
        """Yields the video of a file."""
        table, origin = _read(place.path, content, report)
        width = max(WIDTH, whole((table["x"] + table["w"]).max()) + 1)
        height = max(HEIGHT, whole((table["y"] + table["h"]).max()) + 1)
        info = SequenceInfo(stem_of(place.path), width, height, FRAME_RATE, place.length)
        yield RawSequence(info, content, table, origin, CLASSES).settled(options, first_frame=0)

    def write(self, root: Path, sequences: Iterable[Sequence], content: Content) -> None:
        """Writes ``root/label_02/NAME.txt`` or ``root/det/NAME.txt`` and adds to ``evaluate_tracking.seqmap``.

        Unknown classes become ``Misc``; annotations with flag 0 become ``DontCare``.
        """
        lengths = _lengths(root)
        for sequence in sequences:
            if " " in sequence.name:
                problem = f"{sequence.name}: KITTI's list of sequences cannot hold a blank in a name"
                raise DataError(problem, remedy="rename the sequence")
            file = check_inside(root / self.usual_place(content) / f"{sequence.name}.txt", root)
            write_text(file, rows_of(sequence, content).to_csv(header=False, index=False, sep=" "))
            lengths[sequence.name] = sequence.length
        seqmap = "".join(f"{name} empty 000000 {length:06d}\n" for name, length in sorted(lengths.items()))
        write_text(root / _SEQMAP, seqmap)


FORMAT = Kitti()


def _lengths(folder: Path) -> dict[str, int]:
    """Number of frames of each sequence, where a seqmap (``0000 empty 000000 000154``) says so."""
    lengths = {}
    for file in sorted(folder.glob(f"{_SEQMAP}*"))[:1]:
        for line_number, line in enumerate(read_text(file).split("\n"), 1):
            if not line.strip():
                continue
            name, *rest = line.rsplit(maxsplit=3)
            length = rest[-1] if len(rest) == 3 else ""
            if not length.isascii() or not length.isdigit() or len(length) > 10:
                raise DataError(
                    f"{shown(line)}", remedy="expected NAME empty FIRST LENGTH", path=file, line=line_number
                )
            lengths[name] = int(length)
    return lengths


def _read(path: Path, content: Content, report: Report) -> tuple[pd.DataFrame, LineOrigin]:
    """The rows of a file, frames still counted from 0."""
    rows: list[list[float]] = []
    lines: list[int] = []
    width = 0
    for line_number, line in enumerate(read_text(path).split("\n"), 1):
        cells = line.replace(",", " ").split()
        if not cells:
            continue
        width = width or len(cells)
        problem, remedy = "", f"expected {_EXPECTED}"
        if len(cells) not in _WIDTHS:
            problem = f"{len(cells)} columns"
        elif len(cells) != width:
            problem, remedy = f"{len(cells)} columns, {width} before", "give every row the same columns"
        elif cells[_CLASS].lower() not in _NUMBERS:
            problem, remedy = f"class {shown(cells[_CLASS])}", f"known: {', '.join(CLASSES.values())}"
        else:
            cells[_CLASS] = str(_NUMBERS[cells[_CLASS].lower()])
            bad = next((cell for cell in cells if not is_number(cell)), None)
            if bad is None:
                rows.append([number(cell) for cell in cells])
                lines.append(line_number)
            else:
                problem, remedy = f"{shown(bad)} is not a number", "give numbers"
        if problem:
            report(DataError(problem, remedy=remedy, path=path, line=line_number))
    columns = _WITH_SCORE[: len(rows[0]) if rows else None]
    raw = pd.DataFrame(np.array(rows, dtype=float).reshape(-1, len(columns)), columns=columns)
    table = raw[["frame", "id", "x", "y"]].copy()
    table["w"], table["h"] = corners_to_size(raw["x"], raw["right"]), corners_to_size(raw["y"], raw["lower"])
    table["class_id"] = raw["class_id"]
    table["conf"] = raw.get("conf", 1.0) if content != "annotations" else (raw["class_id"] != DONT_CARE).astype(float)
    if content == "annotations" and (raw["truncated"] > 0).any():
        table[TRUNCATION] = raw["truncated"].clip(lower=0).apply(np.floor)
    table["visibility"] = visibility_of(raw["occluded"], _LEVELS)
    return table, LineOrigin(str(path), lines=np.array(lines, dtype=np.int64))


def rows_of(sequence: Sequence, content: Content) -> pd.DataFrame:
    """The sequence as KITTI's rows; unknown classes become ``Misc``."""
    table = sequence.boxes
    counted = ((table["conf"] > 0) | (content != "annotations")).to_numpy()
    numbers = class_numbers_of(sequence, CLASSES, "Misc", "KITTI's", counted).reindex(table.index, fill_value=DONT_CARE)
    kinds, regions = numbers.map(CLASSES), numbers == DONT_CARE
    out = pd.DataFrame({"frame": table["frame"] - 1, "id": table["id"].where(~regions, -1), "class": kinds})
    out["truncated"] = table.get(TRUNCATION, pd.Series(0, index=table.index)).where(~regions, -1)
    out["occluded"] = occlusion_of(table["visibility"], _LEVELS).where(~regions, -1)
    out["alpha"] = -10
    out["left"], out["top"] = as_written(table["x"]), as_written(table["y"])
    out["right"], out["bottom"] = as_written(table["x"] + table["w"]), as_written(table["y"] + table["h"])
    out[_COLUMNS_3D] = [-1, -1, -1, -1000, -1000, -1000, -10]
    if content != "annotations":
        out["score"] = table["conf"]
    return out
