"""Times in settings: seconds, or an explicit count of frames."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, GetCoreSchemaHandler
from pydantic_core import PydanticCustomError, core_schema

from gnntrack.bounds import MOST_FRAMES, MOST_SECONDS

_FRAMES = re.compile(r"([0-9]{1,20}) frames?")


@dataclass(frozen=True)
class Duration:
    """A time. Videos differ in frame rate: 60 frames are 2 seconds of one and 6 of another.

    In a recipe a number is seconds (``2.0``), and a text counts frames (``60 frames``).

    Attributes:
        amount: how many, from 0; frames are whole.
        unit: of what.

    Example:
        >>> Duration(2.0).frames(30.0), Duration(2.0).frames(10.0), Duration(60, "frames").frames(10.0)
        (60, 20, 60)
        >>> str(Duration(60, "frames")), str(Duration(2.0))
        ('60 frames', '2.0 seconds')
    """

    amount: float
    unit: Literal["seconds", "frames"] = "seconds"

    def __str__(self) -> str:
        return f"{self.amount} {self.unit if self.amount != 1 else self.unit[:-1]}"

    def frames(self, frame_rate: float) -> int:
        """The nearest whole number of frames; no time but 0 is less than one frame, and none more than an hour's."""
        count = self.amount if self.unit == "frames" else self.amount * frame_rate
        return min(max(round(count), 1), MOST_FRAMES) if self.amount else 0

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            _read, serialization=core_schema.plain_serializer_function_ser_schema(_write)
        )


def _read(value: Any) -> Duration:
    """Raises: PydanticCustomError: it is no time, or one that is too long."""
    duration = _understood(value)
    if duration is None:
        raise PydanticCustomError("duration", "expected seconds, such as 2.0, or frames, such as '60 frames'")
    most = MOST_SECONDS if duration.unit == "seconds" else MOST_FRAMES
    if not 0 <= duration.amount <= most:
        raise PydanticCustomError("duration", "expected from 0 to {most} {unit}", {"most": most, "unit": duration.unit})
    return duration


def _understood(value: Any) -> Duration | None:
    if isinstance(value, Duration):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        return Duration(float(value))
    found = _FRAMES.fullmatch(value) if isinstance(value, str) else None
    return None if found is None else Duration(int(found[1]), "frames")


def _write(duration: Duration) -> str | float:
    """What :func:`_read` reads."""
    return str(duration) if duration.unit == "frames" else duration.amount


def _positive(duration: Duration) -> Duration:
    if not duration.amount:
        raise PydanticCustomError("duration", "expected more than 0 {unit}", {"unit": duration.unit})
    return duration


#: A time that is not 0.
PositiveDuration = Annotated[Duration, AfterValidator(_positive)]
