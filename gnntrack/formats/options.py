"""How files are read: what is read, how tolerantly, and what the files do not say themselves."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Literal

from gnntrack.errors import DataError
from gnntrack.showing import shown

#: What the rows are: annotations and tracks (a tracker's result) keep their ids, detections lose them.
Content = Literal["annotations", "detections", "tracks"]
OnError = Literal["error", "skip"]
LastColumn = Literal["confidence", "id"]
#: ``check``: outside [0, 1] is an error; ``percent``: 0 to 100 become 0 to 1; ``rescale``, for raw scores: the file's
#: own minimum and maximum become 0 and 1, which changes results, as thresholds mean something else in every file.
Confidence = Literal["check", "percent", "rescale"]


@dataclass(frozen=True)
class SequenceInfo:
    """The metadata of a video; zeros where unknown."""

    name: str
    width: int = 0
    height: int = 0
    frame_rate: float = 0.0
    length: int = 0


@dataclass(frozen=True)
class ReadingOptions:
    """How tolerant reading is, and what the files do not say themselves.

    Attributes:
        on_error: ``skip`` drops rows whose width or height is not above 0 and counts them.
        frame_base: the number of the first frame in the file, 0 or 1; None: the format's own.
        confidence: what to do with confidences outside [0, 1].
        detections: where the detections lie, if not at the format's usual place.
        size: width and height of the images, where the files do not say or are wrong.
        frame_rate: frames a second, where the files do not say or are wrong.
        sequences: names of the sequences to read, ``*`` and ``?`` are wildcards; empty: all.
        classes: numbers or names of the classes to read; empty: all.
        last_column: what the sixth column of YOLO rows is, where the files do not tell.
        image_list: the COCO file that lists the images, for files that are bare lists of results.
        video: metadata of the only video, instead of the file's.
        identities: whether every box that counts must have an identity; tracks always must.
    """

    on_error: OnError = "error"
    frame_base: int | None = None
    confidence: Confidence = "check"
    detections: str | None = None
    size: tuple[int, int] | None = None
    frame_rate: float | None = None
    sequences: tuple[str, ...] = ()
    classes: tuple[int | str, ...] = ()
    last_column: LastColumn | None = None
    image_list: str | None = None
    video: SequenceInfo | None = None
    identities: bool = False

    def wants(self, name: str) -> bool:
        """Whether a sequence of this name is to be read."""
        return not self.sequences or any(name == wish or fnmatchcase(name, wish) for wish in self.sequences)

    def completed(self, info: SequenceInfo) -> SequenceInfo:
        """What a file says of its video, where the caller does not say otherwise."""
        info = self.video or info
        width, height = self.size or (info.width, info.height)
        return replace(info, width=width, height=height, frame_rate=self.frame_rate or info.frame_rate)

    def first_frame(self, usual: int) -> int:
        """The number of the first frame, where the format usually has this one."""
        return usual if self.frame_base is None else self.frame_base


def parse_size(text: str) -> tuple[int, int]:
    """Width and height of ``WIDTHxHEIGHT``.

    Raises:
        DataError: the text has another form.

    Example:
        >>> parse_size("640x480")
        (640, 480)
    """
    match = re.fullmatch(r"(\d{1,5})[x×](\d{1,5})", text)
    if match is None or 0 in (int(match[1]), int(match[2])):
        raise DataError(f"size {shown(text)}", remedy="give WIDTHxHEIGHT, such as 1920x1080")
    return int(match[1]), int(match[2])
