"""The graph store: window graphs on disk, written once, read through memory maps."""

from gnntrack.datasets.store.converting import GraphSource, convert_to_graphs
from gnntrack.datasets.store.index import StoreIndex, read_index
from gnntrack.datasets.store.reading import GraphStore
from gnntrack.datasets.store.sampling import EdgeBudgetSampler
from gnntrack.datasets.store.writing import write_store

__all__ = [
    "EdgeBudgetSampler",
    "GraphSource",
    "GraphStore",
    "StoreIndex",
    "convert_to_graphs",
    "read_index",
    "write_store",
]
