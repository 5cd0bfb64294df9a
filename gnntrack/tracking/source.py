"""Where detections to be tracked come from."""

from __future__ import annotations

from pathlib import Path

from gnntrack.datasets.motchallenge import find_folders, read_file, read_folder
from gnntrack.datasets.raw import ReadOptions
from gnntrack.datasets.sample import SAMPLES, sample
from gnntrack.errors import DataError
from gnntrack.sequence import Sequence


def read_detections(source: str | Path, options: ReadOptions) -> list[Sequence]:
    """The detections of a file, of a sequence folder or of a folder of sequences (``det/det.txt``).

    The name of a sequence of the sample (``TUD-Campus``) does as well.

    Raises:
        DataError: there are none, or a file is not readable.
    """
    if str(source) in SAMPLES and not Path(source).exists():
        return [sample(str(source), "detections")]
    source = Path(source)
    if source.is_dir():
        folders = [folder for folder in find_folders(source) if (folder / "det").is_dir()]
        if not folders:
            raise DataError("no detections", remedy="expected det/det.txt in the sequence folder", path=source)
        return [read_folder(folder, "detections", options) for folder in folders]
    return [read_file(source, "detections", options)]
