"""CLEAR and IDF1 through motmetrics, HOTA through TrackEval."""

from gnntrack.evaluation.pairs import read_pairs
from gnntrack.evaluation.report import Metrics, evaluate

__all__ = ["Metrics", "evaluate", "read_pairs"]
