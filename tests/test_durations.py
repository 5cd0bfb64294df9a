"""Times in settings: what a recipe may say, what is written, how many frames it is."""

from __future__ import annotations

from typing import Any

import pytest

from gnntrack import recipes
from gnntrack.durations import Duration, PositiveDuration
from gnntrack.errors import DataError
from gnntrack.recipes import Settings


class Times(Settings):
    gap: Duration = Duration(1.0)
    memory: PositiveDuration = Duration(2.0)


@pytest.mark.parametrize(
    ("written", "expected", "again"),
    [
        (2.0, Duration(2.0), 2.0),
        (2, Duration(2.0), 2.0),
        ("60 frames", Duration(60, "frames"), "60 frames"),
        ("1 frame", Duration(1, "frames"), "1 frame"),
        (Duration(0.5), Duration(0.5), 0.5),
    ],
)
def test_what_is_read_is_written_again(written: Any, expected: Duration, again: Any) -> None:
    settings = recipes.parse({"memory": written}, Times)
    assert settings.memory == expected
    assert settings.model_dump()["memory"] == again
    assert Times.model_validate_json(settings.model_dump_json()) == settings


@pytest.mark.parametrize(
    "wrong",
    [True, None, "60", "2 s", "-3 frames", "2.5 frames", "６ frames", "60 frames ", [60], {"frames": 60}, "frames"],
)
def test_what_is_no_time_says_what_would_be(wrong: Any) -> None:
    with pytest.raises(DataError, match=r"memory: expected seconds, such as 2\.0, or frames, such as '60 frames'"):
        recipes.parse({"memory": wrong}, Times)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (-0.1, "expected from 0 to 3600 seconds"),
        (3601, "expected from 0 to 3600 seconds"),
        ("108001 frames", "expected from 0 to 108000 frames"),
        (Duration(10**9, "frames"), "expected from 0 to 108000 frames"),
        (0, "expected more than 0 seconds"),
        ("0 frames", "expected more than 0 frames"),
    ],
)
def test_what_is_too_long_or_nothing(wrong: Any, message: str) -> None:
    with pytest.raises(DataError, match=f"memory: {message}"):
        recipes.parse({"memory": wrong}, Times)


def test_nothing_may_be_allowed() -> None:
    assert recipes.parse({"gap": 0}, Times).gap.frames(30.0) == 0


@pytest.mark.parametrize(
    ("duration", "frame_rate", "frames"),
    [
        (Duration(2.0), 30.0, 60),
        (Duration(2.0), 10.0, 20),
        (Duration(0.67), 30.0, 20),
        (Duration(0.67), 29.97, 20),
        (Duration(0.001), 25.0, 1),
        (Duration(0.0), 25.0, 0),
        (Duration(60, "frames"), 7.0, 60),
        (Duration(0, "frames"), 7.0, 0),
        (Duration(3600.0), 1e9, 108_000),
    ],
)
def test_frames(duration: Duration, frame_rate: float, frames: int) -> None:
    assert duration.frames(frame_rate) == frames
