"""Training with Lightning."""

from gnntrack.training.run import METRICS, WEIGHTS, RunOptions, train

#: The picture that the verb ``train`` draws of the metrics.
CURVES = "curves.png"

__all__ = ["CURVES", "METRICS", "WEIGHTS", "RunOptions", "train"]
