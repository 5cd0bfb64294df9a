"""The frames of one stream that wait, and what became of those before."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np

from gnntrack.errors import DataError
from gnntrack.scalars import real_number, whole_number
from gnntrack.showing import shown

#: What happens to a new frame where as many wait as may.
WhenFull = Literal["block", "drop_oldest", "refuse"]


class StreamFullError(DataError):
    """A frame that was not taken, because too many of its stream wait. Nothing has changed."""


@dataclass(frozen=True, eq=False)
class Frame:
    """A frame that waits.

    Attributes:
        detections: as :meth:`gnntrack.Tracker.update` takes them.
        embeddings: likewise.
        camera: likewise.
        lost: likewise.
        dropped: whether its detections were dropped.
        tracker: of the stream, when the frame came; another may have its name by now.
    """

    detections: Any = ()
    embeddings: np.ndarray | None = None
    camera: np.ndarray | None = None
    lost: bool = False
    dropped: bool = False
    tracker: Any = None


class Waiting:
    """Frames in the order in which they came. Those that were dropped are the first, and wait to pass.

    Args:
        limit: most frames that keep their detections.

    Attributes:
        tracked: frames whose detections were tracked.
        dropped: frames whose detections were dropped.
        refused: frames that were not taken.
        failed: frames whose detections could not be used.

    Example:
        >>> waiting = Waiting(1)
        >>> waiting.add(Frame([[10.0, 20, 40, 90]])), waiting.full
        (1, True)
        >>> waiting.drop_oldest()
        >>> waiting.add(Frame([[12.0, 20, 42, 90]]))
        2
        >>> [(number, frame.detections, frame.dropped) for number, frame in (waiting.next(), waiting.next())]
        [(1, (), True), (2, [[12.0, 20, 42, 90]], False)]
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.tracked = self.dropped = self.refused = self.failed = 0
        self._frames: deque[Frame] = deque()
        # frames that pass without a camera's motion are all alike: a number of them, however long nobody tracks
        self._passing: deque[tuple[Frame, int]] = deque()
        self._taken = self._given = 0

    def __len__(self) -> int:
        """How many frames there are, with those that were dropped."""
        return self._taken - self._given

    @property
    def full(self) -> bool:
        """Whether as many wait as may."""
        return len(self._frames) >= self.limit

    def add(self, frame: Frame) -> int:
        """Takes a frame; returns its number, from 1."""
        self._frames.append(frame)
        self._taken += 1
        return self._taken

    def drop_oldest(self) -> None:
        """Drops the detections of the oldest frame that has them."""
        oldest = self._frames.popleft()
        frame, count = replace(oldest, detections=(), embeddings=None, dropped=True), 1
        if self._passing and frame.camera is None:
            last, before = self._passing[-1]
            if last.camera is None and (last.lost, last.tracker) == (frame.lost, frame.tracker):
                self._passing.pop()
                count += before
        self._passing.append((frame, count))
        self.dropped += 1

    def next(self) -> tuple[int, Frame]:
        """Takes out the frame that is due, with its number."""
        self._given += 1
        if not self._passing:
            return self._given, self._frames.popleft()
        frame, count = self._passing.popleft()
        if count > 1:
            self._passing.appendleft((frame, count - 1))
        return self._given, frame


def checked_limit(limit: Any, when_full: Any) -> tuple[int, WhenFull]:
    """How many frames of a stream may wait, and what happens to the next one.

    Raises:
        DataError: they are no such values.

    Example:
        >>> checked_limit(8, "drop")
        Traceback (most recent call last):
            ...
        gnntrack.errors.DataError: when_full is 'drop'; give block, drop_oldest or refuse
    """
    number = whole_number(limit, "waiting")
    if number < 1:
        raise DataError(f"waiting is {number}", remedy="give how many frames of a stream may wait, 1 or more")
    if when_full not in get_args(WhenFull):
        raise DataError(f"when_full is {shown(when_full)}", remedy="give block, drop_oldest or refuse")
    return number, when_full


def checked_timeout(timeout: Any) -> float | None:
    """Seconds to wait; None: as long as it takes.

    Raises:
        DataError: it is no number.

    Example:
        >>> checked_timeout(2), checked_timeout(None), checked_timeout(float("inf"))
        (2.0, None, None)
    """
    if timeout is None:
        return None
    seconds = real_number(timeout, "timeout")
    if seconds != seconds:
        raise DataError("timeout is nan", remedy="give seconds, or None")
    return seconds if seconds < threading.TIMEOUT_MAX else None
