"""Frames that wait before a pool of trackers: bounded, by turns, and with nothing lost unnoticed."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterator
from contextlib import suppress
from dataclasses import replace
from time import monotonic
from typing import Any

import numpy as np

from gnntrack.errors import DataError
from gnntrack.showing import shown
from gnntrack.tracking.detections import as_array, detection_array
from gnntrack.tracking.detector_results import is_supervision
from gnntrack.tracking.online import Tracker
from gnntrack.tracking.pool.members import may_name
from gnntrack.tracking.pool.pool import TrackerPool
from gnntrack.tracking.pool.results import StreamCounts, TrackedFrame, told_of
from gnntrack.tracking.pool.waiting import Frame, StreamFullError, Waiting, WhenFull, checked_limit, checked_timeout


class FrameQueue:
    """Lets frames wait until a pool has tracked those before them; for threads that bring and threads that track.

    Every frame that was taken comes out once, in the order of its stream. So that streams stay on time, one whose
    detections were dropped, or could not be used, is tracked as a frame without detections.

    Args:
        pool: whose streams they are. Give the frames of a stream to the queue or to the pool, not to both.
        waiting: how many frames of a stream may wait.
        when_full: what :meth:`put` does with the next one. ``block``: it waits until there is room. ``drop_oldest``:
            the oldest frame loses its detections. ``refuse``: it raises :class:`.StreamFullError`.

    Raises:
        DataError: ``pool``, ``waiting`` or ``when_full`` is no such value.

    Example:
        >>> pool = TrackerPool.from_pretrained("default")
        >>> pool.add("gate")
        >>> queue = FrameQueue(pool, waiting=1, when_full="drop_oldest")
        >>> for left in (100, 104, 108):
        ...     number = queue.put("gate", [[left, 200, left + 60, 380, 0.9, 0]])
        >>> [(frame.number, frame.dropped, len(frame.tracks)) for frame in queue.results(wait=False)]
        [(1, True, 0), (2, True, 0), (3, False, 1)]
        >>> queue.counts("gate")
        StreamCounts(tracked=1, dropped=2, refused=0, failed=0, waiting=0)
    """

    def __init__(self, pool: TrackerPool, waiting: int = 8, when_full: WhenFull = "block") -> None:
        if not isinstance(pool, TrackerPool):
            raise DataError(f"the pool is {shown(pool)}", remedy="give a TrackerPool")
        self.pool = pool
        self.waiting, self.when_full = checked_limit(waiting, when_full)
        self._streams: dict[Hashable, Waiting] = {}
        self._ready: OrderedDict[Hashable, Waiting] = OrderedDict()  # with frames that wait, and none being tracked
        self._busy: set[Hashable] = set()  # a frame of theirs is being tracked
        self._changed = threading.Condition()  # guards all of these
        self._closed = False

    def put(
        self,
        stream: Hashable,
        detections: Any,
        embeddings: np.ndarray | None = None,
        *,
        camera: Any = None,
        lost: bool = False,
        timeout: float | None = None,
    ) -> int:
        """Takes the next frame of a stream; all that is given is copied.

        Args:
            stream: its name.
            detections: see :meth:`.Tracker.update`, like the others.
            embeddings: likewise.
            camera: likewise.
            lost: likewise.
            timeout: seconds that ``block`` waits for room; None: as long as it takes, for ever where nobody tracks.

        Returns:
            The number of the frame, from 1, among those of its stream.

        Raises:
            StreamFullError: there is no room, with ``refuse``, or after the timeout. The frame has not passed: give it
                again, or later ``put(stream, [])`` in its place.
            DataError: there is no such stream, the detections are none, or the queue was closed. Likewise.
        """
        frame = _copied(detections, embeddings, camera, lost)
        timeout = checked_timeout(timeout)
        until = None if timeout is None else monotonic() + timeout
        with self._changed:
            while True:
                tracker = self._checked_open(stream)
                waiting = self._streams.setdefault(stream, Waiting(self.waiting))
                if not waiting.full:
                    break
                left = None if until is None else until - monotonic()
                if self.when_full == "drop_oldest":
                    waiting.drop_oldest()
                elif self.when_full == "refuse" or (left is not None and left <= 0):
                    waiting.refused += 1
                    remedy = "track faster, or let when_full be drop_oldest"
                    raise StreamFullError(f"{self.waiting} frames of {shown(stream)} wait", remedy=remedy)
                else:
                    self._changed.wait(left)
            number = waiting.add(replace(frame, tracker=tracker))
            if stream not in self._busy:
                self._ready[stream] = waiting
            self._changed.notify_all()
        return number

    def track_next(self, timeout: float | None = 0.0) -> TrackedFrame | None:
        """Tracks a frame that waits; the streams take turns.

        Args:
            timeout: seconds to wait for one; None: as long as it takes.

        Returns:
            What became of it; None: no frame waits, and none came, or none will come as the queue was closed.
        """
        timeout = checked_timeout(timeout)
        with self._changed:
            self._changed.wait_for(lambda: self._ready or (self._closed and not self._busy), timeout)
            if not self._ready:
                return None
            stream, waiting = self._ready.popitem(last=False)
            number, frame = waiting.next()
            self._busy.add(stream)
            self._changed.notify_all()
        try:
            tracked = self._tracked(stream, number, frame)
            waiting.tracked += tracked.error is None and not frame.dropped
            waiting.failed += tracked.error is not None
            return tracked
        finally:
            with self._changed:
                self._busy.remove(stream)
                if len(waiting):
                    self._ready[stream] = waiting
                elif stream not in self.pool:
                    self._streams.pop(stream, None)
                self._changed.notify_all()

    def results(self, wait: bool = True) -> Iterator[TrackedFrame]:
        """Tracks frame after frame; yields what became of each.

        Args:
            wait: for more, until the queue is closed; else it ends where no frame waits.
        """
        while (frame := self.track_next(None if wait else 0.0)) is not None:
            yield frame

    def close(self) -> None:
        """Takes no more frames; :meth:`results` ends once those that wait are tracked."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def counts(self, stream: Hashable) -> StreamCounts:
        """What became of the frames of a stream; of one that has given none, zeros."""
        with self._changed:
            of = self._streams.get(stream) if may_name(stream) else None
            if of is None:
                return StreamCounts()
            return StreamCounts(of.tracked, of.dropped, of.refused, of.failed, len(of) + (stream in self._busy))

    def _tracked(self, stream: Hashable, number: int, frame: Frame) -> TrackedFrame:
        """Tracks a frame. One that cannot be used passes without detections: others came behind it."""
        try:
            if self.pool[stream] is not frame.tracker:
                remedy = "what waited is not of the one that has its name now"
                raise DataError(f"stream {shown(stream)} was removed and added again", remedy=remedy)
            tracks = self.pool.update_one(
                stream, frame.detections, frame.embeddings, camera=frame.camera, lost=frame.lost
            )
            return TrackedFrame(stream, number, tracks, frame.dropped)
        except DataError as error:
            tracks = None
            for camera in (frame.camera, None) if stream in self.pool and self.pool[stream] is frame.tracker else ():
                with suppress(DataError):  # it is the camera's motion that is wrong
                    tracks = self.pool.update_one(stream, [], camera=camera)
                    break
            return TrackedFrame(stream, number, tracks, frame.dropped, error)
        except Exception as error:  # a fault of ours, or of a model: other streams go on
            return TrackedFrame(stream, number, None, frame.dropped, told_of(error, stream, number))

    def _checked_open(self, stream: Hashable) -> Tracker:
        if self._closed:
            raise DataError("the queue was closed", remedy="make another")
        return self.pool[stream]


def _copied(detections: Any, embeddings: Any, camera: Any, lost: bool) -> Frame:
    """A frame as it is now, whatever becomes of the caller's arrays."""
    array = detection_array(detections)
    return Frame(
        detections[:] if is_supervision(detections) else array,
        None if embeddings is None else as_array(embeddings, "embeddings"),
        None if camera is None else as_array(camera, "camera"),
        lost,
    )
