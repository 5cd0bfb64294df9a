"""All file formats by name, and which one a path holds."""

from __future__ import annotations

from pathlib import Path

from gnntrack.errors import DataError
from gnntrack.formats import bdd100k, coco, cvat, kitti, label_studio, mot, sample, visdrone, yolo
from gnntrack.formats.file_names import files_below
from gnntrack.formats.format import Format
from gnntrack.formats.named_tables import CSV, PARQUET
from gnntrack.formats.zipped import Zipped
from gnntrack.loaders.text import read_bytes
from gnntrack.remote import as_path, is_remote
from gnntrack.showing import shown

#: Those that can be read and written, in the order in which they are tried: the most specific first.
FILE_FORMATS: dict[str, Format] = {
    format_.name: format_
    for format_ in (
        coco.FORMAT,
        label_studio.FORMAT,
        bdd100k.FORMAT,
        cvat.FORMAT,
        PARQUET,
        CSV,
        kitti.FORMAT,
        visdrone.FORMAT,
        yolo.FORMAT,
        mot.FORMAT,
    )
}
_ZIP = Zipped(lambda folder: _recognised(folder))
FORMATS: dict[str, Format] = {**FILE_FORMATS, _ZIP.name: _ZIP, sample.FORMAT.name: sample.FORMAT}
_NAMES = {name: format_ for format_ in FORMATS.values() for name in (format_.name, *format_.aliases)}


def by_name(name: str) -> Format:
    """The format of this name.

    Raises:
        DataError: there is none.
    """
    if name not in _NAMES:
        raise DataError(f"no format {shown(name)}", remedy=f"known: {', '.join(FORMATS)}")
    return _NAMES[name]


def find_format(path: str | Path, named: str | Format | None = None) -> tuple[Format, str]:
    """The chosen format, or the one that is recognised, with the reason.

    Sequence folders with ``gt/gt.txt`` or ``det/det.txt`` are MOTChallenge's, whatever lies beside them.

    Raises:
        DataError: the path is missing, no format has that name, or none was named and the path looks like none.
    """
    path = as_path(path)
    if is_remote(path):
        path.check()
    format_ = by_name(named) if isinstance(named, str) else named
    if not any(each.exists(path) for each in ([format_] if format_ else FORMATS.values())):
        raise DataError("no such file or folder", remedy="check the path", path=path)
    if format_ is not None:
        inside = format_  # a zip of files in this format
        zipped = path.suffix.lower() == ".zip" and not isinstance(format_, Zipped)
        return Zipped(lambda _: (inside, inside.name)) if zipped else format_, format_.name
    try:
        format_, reason = _recognised(path)
    except OSError as error:
        raise DataError(f"cannot read: {error.strerror}", remedy="check the path", path=path) from None
    return format_, f"{format_.name} (guessed: {reason})"


def _recognised(path: Path) -> tuple[Format, str]:
    if not path.exists():
        return sample.FORMAT, "no such file, but the name of a scene of the sample"
    if path.suffix.lower() == ".zip":
        return _ZIP, _ZIP.recognise(path) or _ZIP.name
    for folder in [path, *sorted(path.iterdir())] if path.is_dir() else []:
        if mot.FORMAT.has_boxes(folder):
            return mot.FORMAT, f"{folder.name} holds gt/gt.txt or det/det.txt"
    for format_ in FILE_FORMATS.values():
        reason = format_.recognise(path)
        if reason:
            return format_, reason
    if path.is_file() and path.suffix.lower() == ".gz":
        read_bytes(path)  # says so if it is torn
    found = ", ".join(files_below(path)) if path.is_dir() else ""
    below = [entry for entry in sorted(path.iterdir()) if _holds_sequences(entry)] if path.is_dir() else []
    known = f"pass --from with one of {', '.join(FORMATS)}"
    remedy = f"name one of its folders, such as {below[0]}" if below else known
    raise DataError(f"cannot tell the format{found and '; found '}{found}", remedy=remedy, path=path)


def _holds_sequences(folder: Path) -> bool:
    return folder.is_dir() and any(mot.FORMAT.has_boxes(entry) for entry in folder.iterdir() if entry.is_dir())
