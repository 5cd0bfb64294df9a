"""What a pool says of its streams."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from gnntrack.errors import DataError
from gnntrack.showing import shown


def told_of(error: Exception, stream: Hashable, number: int | None = None) -> DataError:
    """An error as it is told of one frame: one of input as it is, a fault with what it is and where it came from.

    Args:
        error: what tracking a frame ended with.
        stream: whose frame it is.
        number: of the frame, where it has one.

    Example:
        >>> str(told_of(RuntimeError("no memory"), "gate", 3))
        "frame 3 of 'gate': RuntimeError: no memory; its __cause__ has the traceback"
    """
    if isinstance(error, DataError):
        return error
    frame = f"frame {number}" if number is not None else "a frame"
    told = DataError(
        f"{frame} of {shown(stream)}: {type(error).__name__}: {error}", remedy="its __cause__ has the traceback"
    )
    told.__cause__ = error
    return told


class PoolResults(dict[Hashable, Any]):
    """The tracks of a frame of several streams, by stream; asking for those of a stream that failed raises its error.

    Attributes:
        errors: what was wrong with the frames of the streams that are missing.

    Example:
        >>> results = PoolResults({"gate": [[10.0, 20, 40, 90, 1, 0.9, 0, 0]]})
        >>> results.errors["yard"] = DataError("detection 0 is not finite")
        >>> list(results), len(results["gate"])
        (['gate'], 1)
        >>> results["yard"]
        Traceback (most recent call last):
            ...
        gnntrack.errors.DataError: detection 0 is not finite
    """

    def __init__(self, *tracks: Any) -> None:
        super().__init__(*tracks)
        self.errors: dict[Hashable, DataError] = {}

    def __missing__(self, stream: Hashable) -> Any:
        """Nobody takes a stream that failed for one without tracks."""
        if stream in self.errors:
            raise self.errors[stream]
        raise KeyError(stream)


@dataclass(frozen=True)
class TrackedFrame:
    """What became of a frame that had waited.

    Attributes:
        stream: whose frame it is.
        number: of the frame, as :meth:`.FrameQueue.put` gave it; every number comes once, in order.
        tracks: what :meth:`gnntrack.Tracker.update` gives: with a lag, of an earlier frame. None: the stream was
            removed, or tracking ended with a fault.
        dropped: its detections were dropped, because too many frames waited; the tracker saw an empty frame.
        error: its detections could not be used; the tracker saw an empty frame. Or tracking ended with a fault, its
            ``__cause__``; the tracker may have seen a part of the frame.
    """

    stream: Hashable
    number: int
    tracks: Any
    dropped: bool = False
    error: DataError | None = None


@dataclass(frozen=True)
class StreamCounts:
    """What became of the frames of a stream since it was added.

    Attributes:
        tracked: frames whose detections were tracked.
        dropped: frames that passed without their detections: too many waited.
        refused: frames that :meth:`.FrameQueue.put` did not take, because too many waited.
        failed: frames that ended with an error.
        waiting: frames that wait now, those included that were dropped and not passed yet.
    """

    tracked: int = 0
    dropped: int = 0
    refused: int = 0
    failed: int = 0
    waiting: int = 0
