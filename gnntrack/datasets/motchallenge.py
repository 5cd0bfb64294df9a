"""MOTChallenge files and folders (MOT15, 16, 17, 20, DanceTrack, SportsMOT): reading and writing.

A row is ``frame, id, left, top, width, height, confidence[, class, visibility]`` in files of up to nine columns and
``frame, id, left, top, width, height, confidence, X, Y, Z`` (world coordinates, not used) in files of ten.
"""

from __future__ import annotations

import configparser
import io
import math
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from gnntrack.errors import DataError, DataWarning
from gnntrack.files import atomic_path
from gnntrack.sequence import BOX, Sequence

#: What the rows are: annotations and tracks keep their ids, detections lose them.
Content = Literal["annotations", "detections", "tracks"]
OnError = Literal["error", "skip"]
#: ``check``: outside [0, 1] is an error; ``rescale``: the file's own minimum and maximum become 0 and 1.
Confidence = Literal["check", "rescale"]

_COLUMNS = ["frame", "id", "x", "y", "w", "h", "conf", "class_id", "visibility"]
_HEADER_WORDS = {"frame", "frame_id", "frameid", "frame_number"}


@dataclass(frozen=True)
class ReadOptions:
    """How tolerant reading is.

    Attributes:
        on_error: ``skip`` drops rows whose width or height is not above 0 and counts them.
        frame_base: the number of the first frame in the file, 0 or 1.
        confidence: what to do with confidences outside [0, 1].
    """

    on_error: OnError = "error"
    frame_base: int = 1
    confidence: Confidence = "check"


@dataclass(frozen=True)
class SequenceInfo:
    """What ``seqinfo.ini`` says; a missing file leaves zeros, which :func:`read_folder` infers."""

    name: str
    width: int = 0
    height: int = 0
    frame_rate: float = 0.0
    length: int = 0


class _FileOrigin:
    """Finds the line of a row by reading the file again: only errors need it."""

    def __init__(self, path: Path, header: bool, kept: np.ndarray | None = None) -> None:
        self.path, self._header, self._kept = str(path), header, kept

    def line(self, row: int) -> int | None:
        """The line, counted from 1, of a row that was read."""
        row = int(self._kept[row]) if self._kept is not None else row
        filled = [number for number, text in enumerate(_text(Path(self.path)).splitlines(), 1) if text.strip(" \t,;")]
        filled = filled[1:] if self._header else filled
        return filled[row] if row < len(filled) else None


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
        info: name, size, rate and length; without it the file's name, a size that holds all boxes, and 30 frames a
            second are assumed, with a warning.

    Raises:
        DataError: the file is missing, is not such a file, or a row breaks a rule of :class:`Sequence`.
    """
    path = Path(path)
    values, header = _numbers(path)
    columns = _columns(values, content)
    origin = _FileOrigin(path, header)
    skipped = 0
    if options.on_error == "skip":
        kept = np.flatnonzero((values[:, 4:6] > 0).all(1) | ~np.isfinite(values[:, 4:6]).all(1))
        skipped = len(values) - len(kept)
        columns, origin = columns.iloc[kept].reset_index(drop=True), _FileOrigin(path, header, kept)
    columns["frame"] = columns["frame"] + (1 - options.frame_base)
    if content != "annotations":
        columns["conf"] = _confidence(columns["conf"], options)
    if info is None:
        warnings.warn(f"{path}: no seqinfo.ini; size and length are inferred, 30 frames/s assumed", DataWarning, 2)
        info = SequenceInfo(path.stem)
    right = float((columns["x"] + columns["w"]).max()) if len(columns) else 1.0
    bottom = float((columns["y"] + columns["h"]).max()) if len(columns) else 1.0
    return Sequence(
        info.name,
        columns,
        width=info.width or _whole(right),
        height=info.height or _whole(bottom),
        frame_rate=info.frame_rate or 30.0,
        length=info.length,
        origin=origin,
        skipped=skipped,
    )


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
    file = file or ("gt/gt.txt" if content == "annotations" else "det/det.txt")
    info = read_info(folder)
    if not info.length:
        warnings.warn(f"{folder}: no seqinfo.ini; size and length are inferred, 30 frames/s assumed", DataWarning, 2)
    return read_file(folder / file, content, options, info)


def read_info(folder: str | Path) -> SequenceInfo:
    """Reads ``seqinfo.ini``; where there is none only the name is set.

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
        parser.read_string(_text(path))
        section = parser["Sequence"]
        return SequenceInfo(
            name,
            width=section.getint("imWidth", 0),
            height=section.getint("imHeight", 0),
            frame_rate=section.getfloat("frameRate", 0.0),
            length=section.getint("seqLength", 0),
        )
    except (configparser.Error, KeyError, ValueError) as error:
        remedy = "expected [Sequence] with seqLength, frameRate, imWidth, imHeight"
        raise DataError(f"unreadable: {error}", remedy=remedy, path=path) from None


def find_folders(root: str | Path) -> list[Path]:
    """The sequence folders below ``root`` (those with ``gt/`` or ``det/``), or ``root`` itself if it is one.

    Raises:
        DataError: there is none.
    """
    root = Path(root)
    if not root.exists():
        raise DataError("no such file or folder", remedy="check the path", path=root)
    found = [path for path in [root, *sorted(root.iterdir())] if (path / "gt").is_dir() or (path / "det").is_dir()]
    if not found:
        here = ", ".join(sorted(path.name for path in root.iterdir())[:8]) or "nothing"
        raise DataError(
            f"no sequence folders; found {here}", remedy="expected NAME/gt/gt.txt or NAME/det/det.txt", path=root
        )
    return found


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


def _text(path: Path) -> str:
    """The file as text.

    Raises:
        DataError: it is missing, unreadable or not UTF-8 text.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"cannot read: {error.strerror}", remedy="check the path", path=path) from None
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in data[:4096]:
        raise DataError("not a text file", remedy="expected UTF-8 text with a box a line", path=path)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise DataError("not UTF-8 text", remedy="expected a box a line", path=path, line=line) from None


def _numbers(path: Path) -> tuple[np.ndarray, bool]:
    """All rows of the file as ``(N, C)`` float64, and whether a header line was passed over."""
    text = _text(path)
    first = next((line for line in text.splitlines() if line.strip(" \t,;")), "")
    if not first:
        return np.zeros((0, 7)), False
    cells = _cells(first)
    header = cells[0].lower() in _HEADER_WORDS
    plain = "," in first and not any(separator in text for separator in "; \t") and not first.rstrip().endswith(",")
    if plain:
        try:
            frame = pd.read_csv(
                io.StringIO(text),
                header=None,
                skiprows=text.splitlines().index(first) + 1 if header else 0,
                dtype="float64",
                skip_blank_lines=True,
                keep_default_na=False,
                na_values=["nan", "NaN", "NAN", "-nan"],
            )
            values = frame.to_numpy()
            if text.count(",") == values.size - len(values) + (first.count(",") if header else 0):
                return _wide_enough(values, path), header
        except (ValueError, pd.errors.ParserError, pd.errors.EmptyDataError):
            pass  # the slow reader below finds the line
    return _numbers_line_by_line(path, text, header), header


def _numbers_line_by_line(path: Path, text: str, header: bool) -> np.ndarray:
    """The same, slowly: for unusual separators, and to name the line that is wrong."""
    rows: list[list[float]] = []
    width, width_line = 0, 0
    for number, line in enumerate(text.splitlines(), 1):
        cells = _cells(line)
        if not cells:
            continue
        if header:
            header = False
            continue
        if not rows:
            width, width_line = len(cells), number
        if len(cells) != width:
            problem = f"{len(cells)} columns, {width} in line {width_line}"
            raise DataError(problem, remedy="give every row the same columns", path=path, line=number)
        try:
            rows.append([float(cell) for cell in cells])
        except ValueError:
            bad = next(cell for cell in cells if not _is_number(cell))
            raise DataError(f"{bad!r} is not a number", remedy="give numbers", path=path, line=number) from None
        if len(cells) < 6:
            raise DataError(f"{len(cells)} columns", remedy="expected frame,id,x,y,w,h,conf", path=path, line=number)
    return _wide_enough(np.array(rows, dtype=float).reshape(len(rows), width or 7), path)


def _wide_enough(values: np.ndarray, path: Path) -> np.ndarray:
    if values.shape[1] < 6:
        raise DataError(f"{values.shape[1]} columns", remedy="expected frame,id,x,y,w,h,conf", path=path, line=1)
    return values


def _cells(line: str) -> list[str]:
    line = line.strip().rstrip(",; \t")
    for separator in ",;":
        if separator in line:
            return [cell.strip() for cell in line.split(separator)]
    return line.split()


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _columns(values: np.ndarray, content: Content) -> pd.DataFrame:
    """The raw columns under the table's names, before any check."""
    count = min(values.shape[1], 9) if values.shape[1] < 10 else 7  # ten columns: world coordinates follow
    table = pd.DataFrame({name: values[:, index] for index, name in enumerate(_COLUMNS[:count])})
    if content == "detections":
        table["id"] = -1.0
    if "conf" not in table:
        table["conf"] = 1.0
    if content == "annotations":
        table["conf"] = table["conf"].where(table["conf"].isna() | (table["conf"] == 0), 1.0)  # a flag: 0 is "ignore"
    else:
        table = table.drop(columns=["class_id", "visibility"], errors="ignore")
    if "class_id" in table and (table["class_id"] == -1).all() and len(table):
        warnings.warn("class -1 throughout: all boxes count as one class", DataWarning, 3)
        table["class_id"] = 1.0
    return table


def _confidence(conf: pd.Series, options: ReadOptions) -> pd.Series:
    """Minus one throughout means unknown, hence 1; anything else outside [0, 1] needs the caller's word."""
    if len(conf) and (conf == -1).all():
        return pd.Series(1.0, index=conf.index)
    if options.confidence == "rescale" and len(conf):
        low, high = conf.min(), conf.max()
        return (conf - low) / (high - low) if high > low else pd.Series(1.0, index=conf.index)
    return conf.clip(0, 1) if conf.between(-1e-6, 1 + 1e-6).all() else conf


def _whole(value: float) -> int:
    return max(1, math.ceil(value)) if math.isfinite(value) and abs(value) < 2**31 else 1
