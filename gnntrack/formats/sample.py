"""The sample: two short street scenes with annotations and boxes, inside the installed motmetrics package.

Its path is a name: ``sample`` for both scenes, or the name of one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib.resources import as_file, files
from pathlib import Path

from gnntrack.errors import MachineError
from gnntrack.formats.format import KINDS, Format, Place, Report
from gnntrack.formats.mot import FORMAT as MOT
from gnntrack.formats.options import Content, ReadingOptions, SequenceInfo
from gnntrack.formats.raw import RawSequence
from gnntrack.sequence import Sequence

TRAINING, VALIDATION = "TUD-Stadtmitte", "TUD-Campus"
SAMPLES = (TRAINING, VALIDATION)
_LENGTHS = {TRAINING: 179, VALIDATION: 71}


class Sample(Format):
    """``sample``, ``TUD-Stadtmitte`` (179 frames) or ``TUD-Campus`` (71 frames), 640 × 480 at 25 frames a second.

    Annotations are ``gt.txt``; tracks are ``test.txt``, a tracker's result; detections are its boxes.
    """

    name = "sample"
    expected = f"expected sample, {TRAINING} or {VALIDATION}"
    annotations, detections = "gt.txt", "test.txt"

    def exists(self, path: Path) -> bool:
        """Whether it is one of the names."""
        return str(path) in (self.name, *SAMPLES)

    def recognise(self, path: Path) -> str | None:
        """Files are never the sample; it is recognised by name where there is no such file."""
        return None

    def contents(self, path: Path, options: ReadingOptions) -> list[Content]:
        """There are annotations and detections."""
        return list(KINDS)

    def places(self, path: Path, content: Content, options: ReadingOptions) -> list[Place]:
        """Both scenes, or the one that is named."""
        return [Place(Path(name), name, _LENGTHS[name]) for name in SAMPLES if str(path) in (self.name, name)]

    def sequences(
        self, place: Place, content: Content, options: ReadingOptions, report: Report
    ) -> Iterator[RawSequence]:
        """Yields a scene."""
        name = str(place.name)
        file = self.annotations if content == "annotations" else self.detections
        info = SequenceInfo(name, width=640, height=480, frame_rate=25.0, length=place.length)
        with as_file(files("motmetrics") / "data" / name / file) as path:
            yield MOT.read_file(path, content, replace(options, video=info), None, report)

    def write(self, root: Path, sequences: Iterable[Sequence], content: Content) -> None:
        """Raises: the sample is read only."""
        raise MachineError("the sample can only be read", remedy="convert to another format")


FORMAT = Sample()
