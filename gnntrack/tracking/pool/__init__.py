"""Many streams in one process, with one set of weights."""

from gnntrack.tracking.pool.pool import TrackerPool
from gnntrack.tracking.pool.queue import FrameQueue
from gnntrack.tracking.pool.results import PoolResults, StreamCounts, TrackedFrame
from gnntrack.tracking.pool.waiting import StreamFullError, WhenFull

__all__ = ["FrameQueue", "PoolResults", "StreamCounts", "StreamFullError", "TrackedFrame", "TrackerPool", "WhenFull"]
