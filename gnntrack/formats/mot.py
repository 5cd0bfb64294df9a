"""MOTChallenge files and folders (MOT15, 16, 17, 20, DanceTrack, SportsMOT): reading and writing.

A row is ``frame, id, left, top, width, height, confidence[, class, visibility]`` in files of up to nine columns and
``frame, id, left, top, width, height, confidence, X, Y, Z`` (world coordinates, not used) in files of ten. Many tools
write a class in place of X: it is one where all are whole numbers from 0 to 999 and Y and Z hold no coordinates.
Appearance vectors, where there are any, lie beside the file: ``gt.npy``, a row a line; so does the camera's motion,
``camera.txt`` (:mod:`.camera_file`), which otherwise is looked for in ``det/``. UAVDT's regions lie in
``gt_ignore.txt`` (:mod:`.uavdt`).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from gnntrack.errors import DataError, DataWarning
from gnntrack.files import atomic_path, check_inside
from gnntrack.formats.arrays import is_box_array, read_boxes, read_vectors
from gnntrack.formats.camera_file import CAMERA, read_camera, write_camera
from gnntrack.formats.file_names import ARRAY, entries, existing, files_below, files_in, folder_name, stem_of
from gnntrack.formats.format import KINDS, Format, Place, Report
from gnntrack.formats.mot_columns import mot_table
from gnntrack.formats.named_tables import differs_from_mot
from gnntrack.formats.number_files import Numbers, first_rows, is_number, read_numbers, without_identity
from gnntrack.formats.options import Content, ReadingOptions, SequenceInfo
from gnntrack.formats.origins import ElementOrigin
from gnntrack.formats.raw import CameraFile, MissingFile, RawSequence, assumed
from gnntrack.formats.seqinfo import SEQINFO, read_info, read_labels, write_info, write_labels
from gnntrack.formats.text_tables import header_of
from gnntrack.formats.uavdt import annotation_files, video_name, with_regions
from gnntrack.formats.values import as_written
from gnntrack.sequence import BOX, Sequence

_LEAST, _EXPECTED = 6, "frame,id,x,y,w,h,conf"


class Mot(Format):
    """A sequence folder, a folder of them, a file, or a folder of files named after sequences."""

    name = "mot"
    aliases = ("motchallenge", "dancetrack", "sportsmot")
    expected = "expected NAME/gt/gt.txt or NAME/det/det.txt, plain or packed (.txt.gz)"
    annotations, detections = "gt/gt.txt", "det/det.txt"

    def recognise(self, path: Path) -> str | None:
        """Why ``path`` looks like this format, or None."""
        if path.is_file():
            if path.suffix.lower() == ARRAY:
                return "an array of ten columns of boxes and vectors" if is_box_array(path) else None
            return "a text file of numbers, six or more columns" if _is_number_file(path) else None
        for folder in [path, *sorted(path.iterdir())]:
            for name in ("gt", "det", SEQINFO):
                if (folder / name).exists():
                    return f"{folder.name}/{name} exists"
        for entry in _flat(path):
            if entry.suffix.lower() == ARRAY or _is_number_file(entry):
                return f"{entry.name} holds numbers, six or more columns"
        return None

    def has_boxes(self, folder: Path) -> bool:
        """Whether a folder holds ``gt/gt.txt`` or ``det/det.txt``, packed or not."""
        return any(existing(folder / file).is_file() for file in (self.annotations, self.detections))

    def contents(self, path: Path, options: ReadingOptions) -> list[Content]:
        """What there is to read."""
        for first in _flat(path):
            boxes_alone = first.stem.startswith("det") or first.suffix.lower() == ARRAY or without_identity(first)
            return ["detections" if boxes_alone else "annotations"]
        places = self.places(path, "annotations", options)
        return [kind for kind in KINDS if any(self._file(place.path, kind, options).is_file() for place in places)]

    def places(self, path: Path, content: Content, options: ReadingOptions) -> list[Place]:
        """Files, or sequence folders, those too that lack this content."""
        flat = _flat(path)
        return [Place(file, _name_of(file)) for file in flat] or [
            Place(folder, folder_name(folder)) for folder in _sequence_folders(path)
        ]

    def sequences(
        self, place: Place, content: Content, options: ReadingOptions, report: Report
    ) -> Iterator[RawSequence]:
        """Yields the video of a file or a sequence folder; warns where the folder lacks the file."""
        folder = place.path
        if not folder.is_dir():
            yield self.read_file(folder, content, options, None, report)
            return
        file = self._file(folder, content, options)
        if file.is_file():
            yield self.read_file(file, content, options, folder, report)
            return
        promised = file.parent != folder and file.parent.is_dir()
        text = f"{folder}: no {file.relative_to(folder)}"
        if promised:
            text += f"; found {', '.join(files_below(file.parent)) or 'nothing'} in {file.parent.name}/"
        warnings.warn(text, MissingFile if promised else DataWarning, stacklevel=2)

    def read_file(
        self, path: Path, content: Content, options: ReadingOptions, folder: Path | None, report: Report
    ) -> RawSequence:
        """The rows of a file, unchecked.

        Args:
            path: the file.
            content: what its rows are.
            options: how tolerant reading is.
            folder: the sequence folder whose ``seqinfo.ini`` counts; None: one around the file, if there is one.
            report: what to do with each line that is wrong.
        """
        info = _info_around(path) if folder is None else read_info(folder)
        vectors: np.ndarray | None
        if path.suffix.lower() == ARRAY:
            values, vectors = read_boxes(path)
            numbers = Numbers(values, ElementOrigin(str(path)))
        else:
            if differs_from_mot(header_of(path)):
                problem = f"the header has other columns than MOTChallenge: {', '.join(header_of(path)[:8])}"
                raise DataError(problem, remedy="name the file itself, with --from csv", path=path, line=1)
            numbers = read_numbers(path, _LEAST, _EXPECTED, report)
            vectors = read_vectors(path.with_name(stem_of(path) + ARRAY), numbers.values)
        table, inferred = mot_table(numbers.values, content)
        origin = numbers.origin
        incomplete = "no seqinfo.ini" if info is None or not (info.width or info.length) else "seqinfo.ini says not all"
        info = info or SequenceInfo(_name_of(path))
        inferred = "; ".join(filter(None, [inferred, assumed(incomplete, options.completed(info))]))
        if content == "annotations":
            table, origin = with_regions(path, table, origin, report)
            if vectors is not None:  # regions have none
                vectors = np.pad(vectors, [(0, len(table) - len(vectors)), (0, 0)])
        labels = read_labels(path.with_name("labels.txt"))
        raw = RawSequence(info, content, table, origin, labels, inferred, vectors, camera=_camera(path, folder))
        return raw.settled(options, first_frame=1)

    def write(self, root: Path, sequences: Iterable[Sequence], content: Content) -> None:
        """Writes ``root/NAME/gt/gt.txt`` or ``det/det.txt``, ``seqinfo.ini`` and, where classes have names, labels."""
        for sequence in sequences:
            folder = check_inside(root / sequence.name, root)
            table = sequence.boxes
            out = table[["frame", "id"]].copy()
            out[BOX] = as_written(table[BOX])
            out["conf"] = table["conf"].astype("int64") if content == "annotations" else table["conf"]
            if content == "annotations" or (table["class_id"] != 1).any() or (table["visibility"] != 1).any():
                out["class_id"], out["visibility"] = table["class_id"], table["visibility"]
            file = folder / self.usual_place(content)
            with atomic_path(file) as temporary:
                out.to_csv(temporary, header=False, index=False)
            if sequence.embeddings is not None:
                with atomic_path(file.with_suffix(ARRAY)) as temporary, temporary.open("wb") as stream:
                    np.save(stream, sequence.embeddings, allow_pickle=False)
            if sequence.camera is not None:
                write_camera(file.with_name(CAMERA), sequence.camera)
            write_info(folder, sequence)
            write_labels(file.with_name("labels.txt"), sequence.classes)

    def _file(self, folder: Path, content: Content, options: ReadingOptions) -> Path:
        """The file of a sequence folder: text, packed text, or detections with their vectors in one array."""
        file = folder / self.usual_place(content, options)
        array = file.with_suffix(ARRAY)
        file = existing(file)
        return array if content == "detections" and not file.is_file() and is_box_array(array) else file


FORMAT = Mot()


def _is_sequence(path: Path) -> bool:
    return (path / "gt").is_dir() or (path / "det").is_dir()


def _sequence_folders(root: Path) -> list[Path]:
    """The sequence folders below ``root`` (those with ``gt/`` or ``det/``), or ``root`` itself if it is one.

    Raises:
        DataError: there is none, or one is a link that leads out of ``root``.
    """
    if not root.is_dir():
        raise DataError("no such folder", remedy="check the path", path=root)
    found = [path for path in [root, *entries(root)] if _is_sequence(path)]
    if not found:
        here = sorted(path.name for path in root.iterdir())
        below = [path for path in here if (root / path).is_dir() and any(map(_is_sequence, (root / path).iterdir()))]
        remedy = f"name one of its folders, such as {root / below[0]}" if below else "expected NAME/gt/gt.txt"
        raise DataError(f"no sequence folders; found {', '.join(here[:8]) or 'nothing'}", remedy=remedy, path=root)
    return [check_inside(path, root) for path in found]


def _flat(path: Path) -> list[Path]:
    """The files where there are no sequence folders: text, or arrays that hold boxes."""
    if path.is_file():
        return [path]
    if not path.is_dir() or any(map(_is_sequence, [path, *path.iterdir()])):
        return []
    texts = annotation_files(files_in(path, ".txt"))
    if path.name in {"gt", "det"}:
        texts = [file for file in texts if file.name != CAMERA]
    return [check_inside(file, path) for file in texts or filter(is_box_array, files_in(path, ARRAY))]


def _is_number_file(path: Path) -> bool:
    """Whether the first lines read like ``frame,id,x,y,w,h``; an empty file may be one."""
    rows = first_rows(path)
    if path.stat().st_size == 0:
        return path.suffix.lower() != ".json"
    return any(len(row) >= _LEAST and is_number(row[0]) for row in rows)


def _info_around(path: Path) -> SequenceInfo | None:
    """What the sequence folder around ``gt/gt.txt`` or ``det/det.txt`` says, if there is one."""
    folder = path.parent.parent
    inside = path.parent.name in {"gt", "det"}
    return read_info(folder) if inside and (folder / SEQINFO).is_file() else None


def _camera(file: Path, folder: Path | None) -> CameraFile | None:
    """How the camera of a video moves: what lies beside its boxes, or in ``det/``."""
    inside = file.parent.name in {"gt", "det"} or folder is not None
    if not inside:  # a folder of files named after videos: it could be of any
        return None
    root = file.parent.parent if folder is None else folder
    return read_camera(file.with_name(CAMERA)) or read_camera(root / "det" / CAMERA)


def _name_of(path: Path) -> str:
    """A file named ``gt`` or ``det`` is named after its folder."""
    names = [video_name(path), *map(folder_name, path.absolute().parents)]
    return next((name for name in names if name and name not in {"gt", "det"}), path.stem)
