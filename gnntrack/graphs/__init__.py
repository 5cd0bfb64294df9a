"""Window graphs: edges, features, labels, transforms."""

from gnntrack.graphs.build import build_graph, graph_from_boxes, slice_window, window_ranges, windows
from gnntrack.graphs.settings import GraphSettings

__all__ = ["GraphSettings", "build_graph", "graph_from_boxes", "slice_window", "window_ranges", "windows"]
