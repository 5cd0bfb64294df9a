"""gnntrack: learn the association step of multi-object tracking on graphs.

The names below are loaded when first used, so ``import gnntrack`` imports neither torch nor pandas.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_EXPORTS = {
    "DataError": "gnntrack.errors",
    "DataWarning": "gnntrack.errors",
    "GraphSettings": "gnntrack.graphs",
    "Sequence": "gnntrack.sequence",
    "Tracker": "gnntrack.tracking",
    "build_graph": "gnntrack.graphs",
    "build_loss": "gnntrack.losses",
    "evaluate": "gnntrack.evaluation",
    "load_weights": "gnntrack.models",
    "ReadingOptions": "gnntrack.reading",
    "read": "gnntrack.reading",
    "sample": "gnntrack.datasets.sample",
    "to_networkx": "gnntrack.inspection.convert",
    "track_offline": "gnntrack.tracking",
    "track_online": "gnntrack.tracking",
    "windows": "gnntrack.graphs",
}
__all__ = ["__version__", *_EXPORTS]


def __getattr__(name: str) -> Any:
    """Imports an exported name on first use (PEP 562)."""
    if name not in _EXPORTS:
        raise AttributeError(f"module 'gnntrack' has no attribute {name!r}")
    return getattr(importlib.import_module(_EXPORTS[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
