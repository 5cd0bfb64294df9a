"""Where detections to be tracked come from."""

from __future__ import annotations

from pathlib import Path

from gnntrack.datasets.formats import Format, looks_like, read_all
from gnntrack.datasets.motchallenge import MOTCHALLENGE, find_folders, read_file, read_folder
from gnntrack.datasets.raw import ReadOptions
from gnntrack.datasets.sample import SAMPLES, sample
from gnntrack.errors import DataError
from gnntrack.sequence import Sequence


def read_detections(source: str | Path, options: ReadOptions, format_: Format | None = None) -> list[Sequence]:
    """The detections of a file, of a sequence folder or of a folder of sequences.

    The name of a sequence of the sample (``TUD-Campus``) does as well.

    Args:
        source: where they lie.
        options: how tolerant reading is, and which sequences and detections are wanted.
        format_: of the files; guessed if missing (:func:`gnntrack.datasets.formats.looks_like`).

    Raises:
        DataError: there are none, or a file is not readable.
    """
    if str(source) in SAMPLES and not Path(source).exists():
        return [sample(str(source), "detections")]
    source = Path(source)
    format_ = format_ or looks_like(source)
    if format_ is not MOTCHALLENGE:
        found = list(read_all(source, "detections", options, format_))
        if not found:
            raise DataError(
                f"no detections as {format_.name}", remedy="check path, --sequence, --detections", path=source
            )
        return found
    if not source.is_dir():
        return [read_file(source, "detections", options)]
    file = options.detections or "det/det.txt"
    folders = [folder for folder in find_folders(source) if (folder / file).parent.is_dir()]
    folders = [folder for folder in folders if options.wants(folder.resolve().name)]
    if not folders:
        raise DataError("no detections", remedy=f"expected {file} in the sequence folder", path=source)
    return [read_folder(folder, "detections", options, file) for folder in folders]
