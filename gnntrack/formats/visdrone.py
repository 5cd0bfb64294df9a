"""VisDrone-MOT: ``annotations/NAME.txt``, frames from 1, twelve classes.

A row is ``frame,id,left,top,width,height,score,category,truncation,occlusion`` (Zhu et al., "Detection and Tracking
Meet Drones Challenge", TPAMI 2021). In annotations score 0 means "do not evaluate"; regions of category 0 have no
identity. ``truncation`` is not kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from gnntrack.files import check_inside, write_text
from gnntrack.formats.file_names import files_in
from gnntrack.formats.format import FolderFormat, Place, Report
from gnntrack.formats.number_files import first_numbers, read_numbers
from gnntrack.formats.options import Content, ReadingOptions, SequenceInfo
from gnntrack.formats.raw import RawSequence, assumed
from gnntrack.formats.values import as_written, class_numbers_of, occlusion_of, visibility_of
from gnntrack.sequence import BOX, Sequence

CLASSES = {
    0: "ignored regions",
    1: "pedestrian",
    2: "people",
    3: "bicycle",
    4: "car",
    5: "van",
    6: "truck",
    7: "tricycle",
    8: "awning-tricycle",
    9: "bus",
    10: "motor",
    11: "others",
}
_REGIONS = 0
_EXPECTED = "frame,id,left,top,width,height,score,category,truncation,occlusion"
_COLUMNS = ["frame", "id", *BOX, "conf", "class_id", "truncation", "occlusion"]
_LEVELS = 2  # occlusion 0, 1, 2 is visibility 1, 1/2, 0


class VisDrone(FolderFormat):
    """A split's folder with ``annotations/``, a folder of files, or one file."""

    name = "visdrone"
    expected = "expected annotations/NAME.txt, detections/NAME.txt or such a file"
    annotations, detections = "annotations", "detections"
    suffix = ".txt"

    def recognise(self, path: Path) -> str | None:
        """Why ``path`` looks like this format, or None."""
        places = [path / self.annotations, path / self.detections, path]
        files = [path] if path.is_file() else next(filter(None, (files_in(place, ".txt") for place in places)), [])
        values = first_numbers(files[0]) if files else np.zeros((0, 0))
        if values.shape[1] != len(_COLUMNS):
            return None
        rows, folder = pd.DataFrame(values, columns=_COLUMNS), files[0].parent
        category, levels = rows["class_id"], range(_LEVELS + 1)
        known = category.isin(list(CLASSES)) & rows["truncation"].isin([0, 1]) & rows["occlusion"].isin(levels)
        objects = category > _REGIONS
        if known.all() and (folder == places[0] or (objects.any() and (rows["id"][objects] >= 0).all())):
            return f"{files[0].name} ends in category, truncation and occlusion"
        detected = (rows["id"] == -1).all() and (category.isin(list(CLASSES)) & objects).all()
        if detected and folder == places[1]:
            return f"{folder.name}/{files[0].name} holds detections with categories"
        return None

    def sequences(
        self, place: Place, content: Content, options: ReadingOptions, report: Report
    ) -> Iterator[RawSequence]:
        """Yields the video of a file."""
        numbers = read_numbers(place.path, _COLUMNS.index("truncation"), _EXPECTED, report)
        columns = _COLUMNS[: numbers.values.shape[1]]
        table = pd.DataFrame(numbers.values[:, : len(columns)], columns=columns, copy=False)
        table["visibility"] = visibility_of(table["occlusion"], _LEVELS) if "occlusion" in table else 1.0
        table = table.drop(columns=["truncation", "occlusion"], errors="ignore")
        if content == "annotations":
            table["id"] = table["id"].where(table["class_id"] != _REGIONS, -1.0)
        if len(table) and (table["class_id"] == -1).all():
            table["class_id"] = 1.0
        info = SequenceInfo(place.name or "")
        inferred = assumed("these files say neither size nor rate", options.completed(info))
        yield RawSequence(info, content, table, numbers.origin, CLASSES, inferred).settled(options, first_frame=1)

    def write(self, root: Path, sequences: Iterable[Sequence], content: Content) -> None:
        """Writes ``root/annotations/NAME.txt`` or ``root/detections/NAME.txt``; unknown classes become ``others``."""
        for sequence in sequences:
            table = sequence.boxes
            out = table[["frame", "id"]].copy()
            out[BOX] = as_written(table[BOX])
            out["score"] = table["conf"].astype("int64") if content == "annotations" else table["conf"]
            out["category"] = class_numbers_of(sequence, CLASSES, "others", "VisDrone's")
            annotated = content != "detections"
            out["truncation"] = 0 if annotated else -1
            out["occlusion"] = occlusion_of(table["visibility"], _LEVELS) if annotated else -1
            file = check_inside(root / self.usual_place(content) / f"{sequence.name}.txt", root)
            write_text(file, out.to_csv(header=False, index=False))


FORMAT = VisDrone()
