"""gnntrack: learn the association step of multi-object tracking on graphs.

The names below are loaded when first used, so ``import gnntrack`` imports neither torch nor pandas; what tracks and
evaluates never imports torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gnntrack.packages import exported

if TYPE_CHECKING:
    from gnntrack.datasets.sample import sample
    from gnntrack.errors import DataError, DataWarning
    from gnntrack.evaluation import evaluate
    from gnntrack.graphs import GraphSettings, build_graph, windows
    from gnntrack.inspection.convert import to_networkx
    from gnntrack.losses import build_loss
    from gnntrack.models import load_for_tracking, load_weights
    from gnntrack.reading import ReadingOptions, read
    from gnntrack.sequence import Sequence
    from gnntrack.tracking import FrameQueue, Track, Tracker, TrackerPool, track_offline, track_online

__version__ = "0.1.0"

__all__ = [
    "DataError",
    "DataWarning",
    "FrameQueue",
    "GraphSettings",
    "ReadingOptions",
    "Sequence",
    "Track",
    "Tracker",
    "TrackerPool",
    "__version__",
    "build_graph",
    "build_loss",
    "evaluate",
    "load_for_tracking",
    "load_weights",
    "read",
    "sample",
    "to_networkx",
    "track_offline",
    "track_online",
    "windows",
]

__getattr__ = exported(
    __name__,
    {
        "gnntrack.datasets.sample": "sample",
        "gnntrack.errors": "DataError DataWarning",
        "gnntrack.evaluation": "evaluate",
        "gnntrack.graphs": "GraphSettings build_graph windows",
        "gnntrack.inspection.convert": "to_networkx",
        "gnntrack.losses": "build_loss",
        "gnntrack.models": "load_for_tracking load_weights",
        "gnntrack.reading": "ReadingOptions read",
        "gnntrack.sequence": "Sequence",
        "gnntrack.tracking": "FrameQueue Track Tracker TrackerPool track_offline track_online",
    },
)


def __dir__() -> list[str]:
    return sorted(__all__)
