"""The graph store: window graphs on disk, written once, read through memory maps."""

from gnntrack.datasets.store.converting import convert_to_graphs
from gnntrack.datasets.store.index import StoreIndex, read_index
from gnntrack.datasets.store.reading import GraphStore, read_graph
from gnntrack.datasets.store.sampling import EdgeBudgetSampler
from gnntrack.datasets.store.writing import write_store

__all__ = [
    "EdgeBudgetSampler",
    "GraphStore",
    "StoreIndex",
    "convert_to_graphs",
    "read_graph",
    "read_index",
    "write_store",
]
