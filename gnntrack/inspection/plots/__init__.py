"""Plots of graphs, tracks, scores and training: one file each; none touches pyplot's global state."""

from __future__ import annotations

from gnntrack.inspection.plots.calibration import plot_calibration
from gnntrack.inspection.plots.hota import plot_hota
from gnntrack.inspection.plots.moment import plot_moment
from gnntrack.inspection.plots.timeline import plot_timeline
from gnntrack.inspection.plots.tracks import plot_tracks
from gnntrack.inspection.plots.training import plot_training
from gnntrack.inspection.plots.window import plot_window
from gnntrack.inspection.plots.wins import plot_wins

__all__ = [
    "plot_calibration",
    "plot_hota",
    "plot_moment",
    "plot_timeline",
    "plot_tracks",
    "plot_training",
    "plot_window",
    "plot_wins",
]
