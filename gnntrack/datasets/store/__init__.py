"""The graph store: window graphs on disk, written once, read through memory maps; only reading needs torch."""

from typing import TYPE_CHECKING

from gnntrack.datasets.store.converting import GraphSource, convert_to_graphs
from gnntrack.datasets.store.index import StoreIndex, read_index
from gnntrack.datasets.store.writing import write_store
from gnntrack.packages import exported

if TYPE_CHECKING:
    from gnntrack.datasets.store.reading import GraphStore
    from gnntrack.datasets.store.sampling import EdgeBudgetSampler

__all__ = [
    "EdgeBudgetSampler",
    "GraphSource",
    "GraphStore",
    "StoreIndex",
    "convert_to_graphs",
    "read_index",
    "write_store",
]

__getattr__ = exported(
    __name__,
    {
        "gnntrack.datasets.store.reading": "GraphStore",
        "gnntrack.datasets.store.sampling": "EdgeBudgetSampler",
    },
)
