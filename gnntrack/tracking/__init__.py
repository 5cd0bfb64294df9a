"""From link scores to identities."""

from gnntrack.association.rounding import identities_from_links, round_links
from gnntrack.formats.mot_tracks import write_tracks
from gnntrack.tracking.baseline import track_by_overlap
from gnntrack.tracking.interpolation import interpolate
from gnntrack.tracking.offline import track_offline
from gnntrack.tracking.online import Tracker
from gnntrack.tracking.online_sequence import track_online
from gnntrack.tracking.pool import (
    FrameQueue,
    PoolResults,
    StreamCounts,
    StreamFullError,
    TrackedFrame,
    TrackerPool,
)
from gnntrack.tracking.results import as_sequence
from gnntrack.tracking.track import Track

__all__ = [
    "FrameQueue",
    "PoolResults",
    "StreamCounts",
    "StreamFullError",
    "Track",
    "TrackedFrame",
    "Tracker",
    "TrackerPool",
    "as_sequence",
    "identities_from_links",
    "interpolate",
    "round_links",
    "track_by_overlap",
    "track_offline",
    "track_online",
    "write_tracks",
]
