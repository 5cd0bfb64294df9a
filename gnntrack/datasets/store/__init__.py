"""The graph store: window graphs on disk, written once, read through memory maps; only reading needs torch."""

from typing import TYPE_CHECKING

from gnntrack.datasets.store.converting import GraphSource, convert_to_graphs
from gnntrack.datasets.store.index import StoreIndex, read_index
from gnntrack.datasets.store.shares import Share, share_of
from gnntrack.datasets.store.writing import write_store
from gnntrack.packages import exported

if TYPE_CHECKING:
    from gnntrack.datasets.store.reading import GraphStore
    from gnntrack.datasets.store.streaming import WindowBatches

__all__ = [
    "GraphSource",
    "GraphStore",
    "Share",
    "StoreIndex",
    "WindowBatches",
    "convert_to_graphs",
    "read_index",
    "share_of",
    "write_store",
]

__getattr__ = exported(
    __name__,
    {
        "gnntrack.datasets.store.reading": "GraphStore",
        "gnntrack.datasets.store.streaming": "WindowBatches",
    },
)
