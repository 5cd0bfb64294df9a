"""HOTA, CLEAR, IDF1 and more, from one table of matches."""

from gnntrack.evaluation.pairs import read_pairs
from gnntrack.evaluation.report import evaluate
from gnntrack.evaluation.scores import Metrics

__all__ = ["Metrics", "evaluate", "read_pairs"]
