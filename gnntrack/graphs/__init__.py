"""Window graphs: edges, features, labels, transforms. What builds them is imported on first use, and torch with it."""

from typing import TYPE_CHECKING

from gnntrack.graphs.settings import GraphSettings
from gnntrack.packages import exported

if TYPE_CHECKING:
    from gnntrack.graphs.arrays import window_ranges
    from gnntrack.graphs.build import build_graph, graph_from_boxes, slice_window, windows

__all__ = ["GraphSettings", "build_graph", "graph_from_boxes", "slice_window", "window_ranges", "windows"]

__getattr__ = exported(
    __name__,
    {
        "gnntrack.graphs.arrays": "window_ranges",
        "gnntrack.graphs.build": "build_graph graph_from_boxes slice_window windows",
    },
)
