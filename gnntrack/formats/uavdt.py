"""UAVDT's files of regions: ``gt_ignore.txt`` beside ``gt.txt``, or ``NAME_gt_ignore.txt`` beside ``NAME_gt.txt``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from gnntrack.checks import BOX, Origin
from gnntrack.formats.file_names import existing, stem_of
from gnntrack.formats.format import Report
from gnntrack.formats.number_files import read_numbers
from gnntrack.formats.origins import SeveralFiles

#: Class of regions; they have no identity, and flag 0.
REGION = 0
_GT, _BESIDE = "_gt", ("_ignore", "_whole")


def annotation_files(files: Iterable[Path]) -> list[Path]:
    """Those that hold annotations: of UAVDT's three files of a video only ``NAME_gt.txt``.

    Example:
        >>> [path.name for path in annotation_files(map(Path, ["a.txt", "M1_gt.txt", "M1_gt_ignore.txt"]))]
        ['a.txt', 'M1_gt.txt']
    """
    found = list(files)
    others = {f"{stem_of(path)}{end}" for path in found if stem_of(path).endswith(_GT) for end in _BESIDE}
    return [path for path in found if stem_of(path) not in others]


def video_name(path: Path) -> str:
    """The video of a file: ``M0101`` of ``M0101_gt.txt`` where there is a file of regions beside it, else its stem."""
    stem = stem_of(path)
    others = any(existing(path.with_name(f"{stem}{end}.txt")).is_file() for end in _BESIDE)
    return stem.removesuffix(_GT) if others and stem != _GT else stem


def with_regions(path: Path, table: pd.DataFrame, origin: Origin, report: Report) -> tuple[pd.DataFrame, Origin]:
    """The annotations of a file and, after them, the regions in the file beside it, if there is one."""
    file = existing(path.with_name(f"{stem_of(path)}_ignore.txt"))
    if not f"_{stem_of(path)}".endswith(_GT) or not file.is_file():
        return table, origin
    columns = ["frame", "id", *BOX]
    numbers = read_numbers(file, len(columns), "frame,id,x,y,w,h", report)
    regions = pd.DataFrame(numbers.values[:, : len(columns)], columns=columns)
    regions = regions.assign(id=-1.0, conf=0.0, class_id=float(REGION), visibility=1.0)
    filled = {column: table.get(column, 1.0) for column in ("class_id", "visibility")}
    both = SeveralFiles(origin.path, [origin, numbers.origin], [len(table), len(regions)])
    return pd.concat([table.assign(**filled), regions], ignore_index=True), both
