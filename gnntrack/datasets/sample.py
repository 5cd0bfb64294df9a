"""The real data that the motmetrics package carries: two short street scenes with annotations and boxes."""

from __future__ import annotations

from importlib.resources import as_file, files

from gnntrack.formats.mot import Content, SequenceInfo, read_file
from gnntrack.sequence import Sequence

TRAINING, VALIDATION = "TUD-Stadtmitte", "TUD-Campus"
SAMPLES = (TRAINING, VALIDATION)
_LENGTHS = {TRAINING: 179, VALIDATION: 71}


def sample(name: str, content: Content) -> Sequence:
    """Reads a sequence of the sample, found inside the installed motmetrics package.

    Args:
        name: ``TUD-Stadtmitte`` (179 frames) or ``TUD-Campus`` (71 frames), both 640 × 480 at 25 frames a second.
        content: ``annotations`` (``gt.txt``), ``tracks`` (``test.txt``, a tracker's result) or ``detections`` (the
            boxes of ``test.txt`` without their ids).

    Example:
        >>> detections = sample("TUD-Campus", "detections")
        >>> len(detections), detections.length, set(detections.boxes["id"])
        (222, 71, {-1})
    """
    file = "gt.txt" if content == "annotations" else "test.txt"
    info = SequenceInfo(name, width=640, height=480, frame_rate=25.0, length=_LENGTHS[name])
    with as_file(files("motmetrics") / "data" / name / file) as path:
        return read_file(path, content, info=info)
