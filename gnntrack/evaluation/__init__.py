"""CLEAR and IDF1 through motmetrics, HOTA through TrackEval."""

from gnntrack.evaluation.report import Metrics, evaluate, read_pairs

__all__ = ["Metrics", "evaluate", "read_pairs"]
