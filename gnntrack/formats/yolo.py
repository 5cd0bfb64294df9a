"""YOLO text: a file a frame, a box a line, everything divided by the image's size.

A row is ``class centre_x centre_y width height [confidence] [id]``, as Ultralytics writes it. Of six columns the last
is an id where it is whole throughout and above 1 somewhere, and no row has seven. The frame is the last number in the
file's name. The size comes from ``seqinfo.ini`` beside the files, or from the caller.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from gnntrack.checks import Origin
from gnntrack.errors import DataError
from gnntrack.files import check_inside, make_folder, write_text
from gnntrack.formats.file_names import entries, files_in, folder_name, stem_of
from gnntrack.formats.format import KINDS, Format, Place, Report
from gnntrack.formats.number_files import Numbers, first_numbers, read_numbers
from gnntrack.formats.options import Content, ReadingOptions, SequenceInfo
from gnntrack.formats.origins import SeveralFiles
from gnntrack.formats.raw import RawSequence, assumed
from gnntrack.formats.seqinfo import read_info, read_labels, write_info, write_labels
from gnntrack.loaders.text import read_text
from gnntrack.sequence import BOX, Sequence

_EXPECTED = "class centre_x centre_y width height [confidence] [id]"
_FRAME = re.compile(r"(\d+)(?!.*\d)")
_COLUMNS, _MORE = ["class_id", *BOX], ["conf", "id"]
_FRACTIONS = slice(_COLUMNS.index("x"), len(_COLUMNS))
_CLASSES = "classes"
_LARGEST_GUESSED, _LARGEST = 2.0, 16.0  # in images; values beyond are pixels


class Yolo(Format):
    """``NAME/labels/*.txt`` or ``NAME/detections/*.txt``, one such folder, or the files' folder."""

    name = "yolo"
    expected = "expected NAME/labels/000001.txt or NAME/detections/000001.txt; or name the folder of such files"
    annotations, detections = "labels", "detections"
    own_options = frozenset({"last_column"})

    def recognise(self, path: Path) -> str | None:
        """Why ``path`` looks like this format, or None."""
        for place in [place for kind in KINDS for place in self.places(path, kind, ReadingOptions())]:
            for file in _frame_files(place.path):
                if file.stat().st_size:
                    fits = _FRAME.search(stem_of(file)) and _looks_like_rows(first_numbers(file))
                    return f"{place.path.name}/{file.name} holds a class and four fractions a line" if fits else None
        return None

    def contents(self, path: Path, options: ReadingOptions) -> list[Content]:
        """What there is to read."""
        found: list[Content] = []
        for kind in KINDS:
            inner = Path(self.usual_place(kind, options)).name
            if any(place.path.name == inner for place in self.places(path, kind, options)):
                found.append(kind)
        return found or ["detections"]

    def places(self, path: Path, content: Content, options: ReadingOptions) -> list[Place]:
        """Where a content lies: a folder a video."""
        if not path.is_dir():
            return []
        inner = self.usual_place(content, options)
        folders = [entry / inner for entry in [path, *entries(path)] if (entry / inner).is_dir()]
        folders = folders or ([path] if _frame_files(path) else [])
        return [Place(check_inside(folder, path), folder_name(self._named(folder))) for folder in folders]

    def sequences(
        self, place: Place, content: Content, options: ReadingOptions, report: Report
    ) -> Iterator[RawSequence]:
        """Yields the video of a folder."""
        folder = place.path
        info = options.completed(read_info(self._named(folder)))
        if info.width < 1 or info.height < 1:
            raise DataError("the image size is unknown", remedy="pass --size WIDTHxHEIGHT", path=folder)
        files = _numbers_by_frame(folder, report)
        columns = [*_COLUMNS, "id"] if _sixth_is_id(files, folder, content, options) else [*_COLUMNS, *_MORE]
        table = _pixels(_joined(files, columns), info)
        names = read_labels(folder.parent / "labels.txt") or _names(folder)
        origins: list[Origin] = [numbers.origin for numbers in files.values()]
        origin = SeveralFiles(str(folder), origins, [len(numbers.values) for numbers in files.values()])
        inferred = assumed("no seqinfo.ini", info)
        yield RawSequence(info, content, table, origin, names, inferred).settled(options, first_frame=1)

    def write(self, root: Path, sequences: Iterable[Sequence], content: Content) -> None:
        """Writes ``root/NAME/labels/000001.txt`` (or ``detections/``) and so on, and ``seqinfo.ini``."""
        for sequence in sequences:
            folder = check_inside(root / sequence.name, root)
            boxes = sequence.boxes
            table = pd.DataFrame(
                {
                    "class_id": boxes["class_id"],
                    "x": (boxes["x"] + boxes["w"] / 2) / sequence.width,
                    "y": (boxes["y"] + boxes["h"] / 2) / sequence.height,
                    "w": boxes["w"] / sequence.width,
                    "h": boxes["h"] / sequence.height,
                    "conf": boxes["conf"],
                    "id": boxes["id"],
                }
            )
            if content == "detections":
                table = table.drop(columns="id")
            make_folder(folder / self.usual_place(content))
            digits = max(6, len(str(sequence.length)))
            for frame, rows in sequence.by_frame():
                text = table.iloc[rows].to_csv(header=False, index=False, sep=" ", float_format="%.15g")
                write_text(folder / self.usual_place(content) / f"{frame:0{digits}d}.txt", text, durable=False)
            write_info(folder, sequence)
            write_labels(folder / "labels.txt", sequence.classes)

    def _named(self, folder: Path) -> Path:
        """The folder that the sequence is named after."""
        return folder.parent if folder.name in (self.annotations, self.detections) else folder


FORMAT = Yolo()


def _frame_files(folder: Path) -> list[Path]:
    """The files of boxes in a folder; some tools keep the classes' names beside them."""
    return [file for file in files_in(folder, ".txt") if stem_of(file) != _CLASSES]


def _looks_like_rows(values: np.ndarray) -> bool:
    width = values.shape[1] - len(_COLUMNS)
    return 0 <= width <= len(_MORE) and bool((np.abs(values[:, _FRACTIONS]) <= _LARGEST_GUESSED).all())


def _names(folder: Path) -> dict[int, str]:
    """The class names of ``classes.txt``, a name a line, the first is class 0 (LabelImg, Label Studio)."""
    found = [place / f"{_CLASSES}.txt" for place in (folder, folder.parent)]
    lines = next((read_text(file).split("\n") for file in found if file.is_file()), [])
    return {number: line.strip() for number, line in enumerate(lines) if line.strip()}


def _numbers_by_frame(folder: Path, report: Report) -> dict[int, Numbers]:
    """The rows of every file that is fit to be read, by its frame."""
    found: dict[int, Numbers] = {}
    file_of: dict[int, Path] = {}
    for file in _frame_files(folder):
        match = _FRAME.search(stem_of(file))
        if match is None or len(match[1]) > 15:
            report(DataError("no frame number in the file's name", remedy="name files 000001.txt", path=file))
            continue
        frame = int(match[1])
        if frame in file_of:
            problem = f"frame {frame}, as {file_of[frame].name} is"
            report(DataError(problem, remedy="give each video a folder of its own", path=file))
            continue
        numbers = read_numbers(file, len(_COLUMNS), _EXPECTED, report)
        problem_of_rows = _unfit(numbers, file)
        if problem_of_rows is not None:
            report(problem_of_rows)
            continue
        file_of[frame], found[frame] = file, numbers
    return found


def _unfit(numbers: Numbers, file: Path) -> DataError | None:
    """What speaks against a file's rows."""
    width = numbers.values.shape[1]
    if width > len(_COLUMNS) + len(_MORE):
        return DataError(f"{width} columns", remedy=f"expected {_EXPECTED}", path=file, line=1)
    fractions = numbers.values[:, _FRACTIONS]
    far = np.flatnonzero((np.abs(fractions) > _LARGEST).any(1))
    if not len(far):
        return None
    problem = f"{fractions[far[0]].max():g} is no fraction of the image"
    line = numbers.origin.line(int(far[0]))
    return DataError(problem, remedy="divide by its width and height", path=file, line=line)


def _sixth_is_id(files: dict[int, Numbers], folder: Path, content: Content, options: ReadingOptions) -> bool:
    """Whether the sixth column of six holds ids, not confidences.

    Raises:
        DataError: it could be either.
    """
    filled = [numbers.values for numbers in files.values() if len(numbers.values)]
    if any(values.shape[1] == len(_COLUMNS) + len(_MORE) for values in filled):
        return False  # confidence and id; rows without a track lack the id
    if options.last_column is not None:
        return options.last_column == "id"
    last = np.concatenate([np.zeros(0), *(values[:, -1] for values in filled if values.shape[1] > len(_COLUMNS))])
    if (last != np.floor(last)).any() or not len(last):
        return False
    if last.max() <= 1 and content != "detections":
        problem = "six columns, the last 0 or 1 throughout: a confidence or an id"
        raise DataError(problem, remedy="pass --last-column confidence or --last-column id", path=folder)
    return bool(last.max() > 1)


def _joined(files: dict[int, Numbers], columns: list[str]) -> pd.DataFrame:
    """The rows of all files; files without confidences or ids have 1 and −1 there."""
    every = ["frame", *_COLUMNS, *_MORE]
    parts = [np.zeros((0, len(every)))]
    for frame, numbers in files.items():
        there = [every.index(name) for name in columns[: numbers.values.shape[1]]]
        part = np.tile([float(frame), *(np.nan for _ in _COLUMNS), 1.0, -1.0], (len(numbers.values), 1))
        part[:, there] = numbers.values
        parts.append(part)
    return pd.DataFrame(np.concatenate(parts), columns=every)


def _pixels(rows: pd.DataFrame, info: SequenceInfo) -> pd.DataFrame:
    """The rows with boxes in pixels, by their left upper corner, to a millionth."""
    w, h = rows["w"] * info.width, rows["h"] * info.height
    x, y = rows["x"] * info.width - w / 2, rows["y"] * info.height - h / 2
    return rows.assign(x=x.round(6), y=y.round(6), w=w.round(6), h=h.round(6))
