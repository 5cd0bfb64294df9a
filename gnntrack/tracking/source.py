"""Where detections to be tracked come from."""

from __future__ import annotations

from pathlib import Path

from gnntrack.datasets.sample import SAMPLES, sample
from gnntrack.formats.raw import ReadingOptions
from gnntrack.formats.registry import Format, choose, nothing_read, read_all
from gnntrack.sequence import Sequence


def read_detections(source: str | Path, options: ReadingOptions, format_: Format | None = None) -> list[Sequence]:
    """The detections of a file, of a sequence folder or of a folder of sequences.

    The name of a sequence of the sample (``TUD-Campus``) does as well.

    Args:
        source: where they lie.
        options: how tolerant reading is, and which sequences and detections are wanted.
        format_: of the files; guessed if missing.

    Raises:
        DataError: there are none, or a file is not readable.
    """
    if str(source) in SAMPLES and not Path(source).exists():
        return [sample(str(source), "detections")]
    source = Path(source)
    format_ = choose(source, format_)[0]
    found = list(read_all(source, "detections", options, format_))
    if not found:
        raise nothing_read(source, format_, ["detections"], options)
    return found
