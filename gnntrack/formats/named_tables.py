"""Tables with named columns: CSV (TSV, any separator) and Parquet, a row a box.

Columns go by name, in any order (:mod:`.column_names`): the frame and the box are needed. A class may be a number, a
name, or both. Where a column names the video, a file holds several. Frames count from 1, unless the caller says
otherwise. Image size and rate stand nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from gnntrack.checks import Origin
from gnntrack.errors import DataError
from gnntrack.files import atomic_path, check_inside
from gnntrack.formats.column_names import ColumnNames, find_columns, stands_elsewhere
from gnntrack.formats.column_values import rows_by_name
from gnntrack.formats.file_names import has_suffix, stem_of
from gnntrack.formats.format import FolderFormat, Place, Report
from gnntrack.formats.options import Content, ReadingOptions, SequenceInfo
from gnntrack.formats.origins import ElementOrigin, KeptRows
from gnntrack.formats.raw import RawSequence, assumed
from gnntrack.formats.text_tables import header_of, read_text_table
from gnntrack.formats.values import as_written
from gnntrack.loaders.parquet import column_names, read_parquet, write_parquet
from gnntrack.sequence import BOX, Sequence


class NamedTables(FolderFormat):
    """``annotations/NAME`` and ``detections/NAME`` with the suffix, a folder of such files, or one file."""

    annotations, detections = "annotations", "detections"
    named_inside = True

    def columns(self, path: Path) -> list[str]:
        """The names of a file's columns; none where it is no such file."""
        raise NotImplementedError

    def table(self, path: Path, report: Report) -> tuple[pd.DataFrame, Origin]:
        """The whole table, numbers and texts, and where its rows stand."""
        raise NotImplementedError

    def save(self, table: pd.DataFrame, path: Path) -> None:
        """Writes a table."""
        raise NotImplementedError

    def recognise(self, path: Path) -> str | None:
        """Why ``path`` looks like this format, or None."""
        file = self.first_file(path)
        names = [] if file is None else self.columns(file)
        return f"{file.name} holds the columns {', '.join(names[:6])}" if file and names_a_box(names) else None

    def contents(self, path: Path, options: ReadingOptions) -> list[Content]:
        """What there is to read; loose files without a column of identities are detections."""
        kinds = super().contents(path, options)
        file = self.first_file(path)
        if kinds != ["annotations"] or file is None or self.folder(path, "annotations", options).is_dir():
            return kinds
        names = self.columns(file)
        return ["detections"] if names_a_box(names) and "id" not in find_columns(names).others else kinds

    def sequences(
        self, place: Place, content: Content, options: ReadingOptions, report: Report
    ) -> Iterator[RawSequence]:
        """Yields the videos of a file."""
        table, origin = self.table(place.path, report)
        found = columns_of(list(table.columns), place.path)
        table, classes = rows_by_name(table, found, place.path, origin)
        for name, rows in _videos(table, found, place.path):
            if options.wants(name):
                info = SequenceInfo(name)
                inferred = assumed("a table does not say size and rate", options.completed(info))
                kept = table.iloc[rows].drop(columns="sequence", errors="ignore").reset_index(drop=True)
                whole = len(rows) == len(table)
                raw = RawSequence(info, content, kept, origin if whole else KeptRows(origin, rows), classes, inferred)
                yield raw.settled(options, first_frame=1)

    def write(self, root: Path, sequences: Iterable[Sequence], content: Content) -> None:
        """Writes a file a video."""
        for sequence in sequences:
            file = check_inside(root / self.usual_place(content) / f"{sequence.name}{self.suffix}", root)
            out = sequence.boxes[["frame", "id"]].copy()
            out[BOX] = as_written(sequence.boxes[BOX])
            out[["conf", "class_id", "visibility"]] = sequence.boxes[["conf", "class_id", "visibility"]]
            if sequence.classes:
                out["class_name"] = out["class_id"].map(lambda number, names=sequence.classes: names.get(number, ""))
            self.save(out, file)


class Csv(NamedTables):
    """Text with a header."""

    name = "csv"
    aliases = ("tsv",)
    expected = "expected NAME.csv with a header such as frame,id,x1,y1,x2,y2,confidence,class"
    suffix = ".csv"

    def files(self, path: Path, content: Content, options: ReadingOptions) -> list[Path]:
        """A single file may have any suffix."""
        return [path] if path.is_file() else super().files(path, content, options)

    def recognise(self, path: Path) -> str | None:
        """A single file whose header MOTChallenge has not: told so that an error can say what it lacks."""
        named = path.is_file() and _is_table(path) and stands_elsewhere(header_of(path))
        return super().recognise(path) or (f"{path.name} has a header" if named else None)

    def columns(self, path: Path) -> list[str]:
        """The names in the header."""
        names = header_of(path)
        return names if _is_table(path) or differs_from_mot(names) else []

    def table(self, path: Path, report: Report) -> tuple[pd.DataFrame, Origin]:
        """The rows as texts."""
        return read_text_table(path, report)

    def save(self, table: pd.DataFrame, path: Path) -> None:
        """Writes a header and a row a box."""
        with atomic_path(path) as temporary:
            table.to_csv(temporary, index=False)


class Parquet(NamedTables):
    """Parquet files; needs the package pyarrow."""

    name = "parquet"
    expected = "expected NAME.parquet with columns such as frame, id, x1, y1, x2, y2, confidence, class"
    suffix = ".parquet"

    def recognise(self, path: Path) -> str | None:
        """A single file is told by its suffix, so that an error can say which columns it lacks."""
        named = path.is_file() and has_suffix(path, self.suffix)
        return super().recognise(path) or (f"{path.name} ends in {self.suffix}" if named else None)

    def columns(self, path: Path) -> list[str]:
        """The names in the file's footer."""
        return column_names(path) if has_suffix(path, self.suffix) else []

    def table(self, path: Path, report: Report) -> tuple[pd.DataFrame, Origin]:
        """The columns as they are."""
        return pd.DataFrame(read_parquet(path)), ElementOrigin(str(path))

    def save(self, table: pd.DataFrame, path: Path) -> None:
        """Writes the columns."""
        with atomic_path(path) as temporary:
            write_parquet({name: table[name].to_numpy() for name in table}, temporary)


CSV, PARQUET = Csv(), Parquet()


def _is_table(path: Path) -> bool:
    return has_suffix(path, ".csv") or has_suffix(path, ".tsv")


def names_a_box(names: list[str]) -> bool:
    """Whether columns of these names hold boxes of frames."""
    try:
        return "frame" in find_columns(names).others
    except DataError:
        return False


def differs_from_mot(names: list[str]) -> bool:
    """Whether a header says that columns are not where a MOTChallenge file has them.

    Example:
        >>> differs_from_mot("frame,id,x1,y1,x2,y2,conf".split(",")), differs_from_mot("frame,id,x,y,w,h".split(","))
        (True, False)
    """
    if not names_a_box(names):
        return stands_elsewhere(names)
    found = find_columns(names)
    usual = [found.others["frame"], found.others.get("id"), *found.box, found.others.get("conf")]
    wanted = [name for name in usual if name is not None]
    return found.kind != "sizes" or names[: len(wanted)] != wanted or None in usual[: len(usual) - 1]


def columns_of(names: list[str], path: Path) -> ColumnNames:
    """Which column is what.

    Raises:
        DataError: there is no box, or no frame.
    """
    try:
        found = find_columns(names)
    except DataError as error:
        raise DataError(error.problem, remedy=error.remedy, path=path) from None
    if "frame" not in found.others:
        listed = ", ".join(names[:12])
        raise DataError(f"no frame among the columns {listed}", remedy="name one frame or frame_id", path=path)
    return found


def _videos(table: pd.DataFrame, found: ColumnNames, path: Path) -> Iterator[tuple[str, np.ndarray]]:
    """The name and the rows of each video of a file."""
    if "sequence" not in found.others:
        yield stem_of(path), np.arange(len(table))
        return
    for name, rows in table.groupby("sequence", sort=True).indices.items():
        yield str(name), np.asarray(rows)
