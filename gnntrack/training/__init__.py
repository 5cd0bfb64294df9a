"""Training with Lightning: one loop, a file a stage."""

from gnntrack.models.not_weights import WEIGHTS
from gnntrack.training.job import StageData
from gnntrack.training.options import RunOptions
from gnntrack.training.run import METRICS, train, train_stages

#: The image that the verb ``train`` draws of a stage's metrics.
CURVES = "curves.png"

__all__ = ["CURVES", "METRICS", "WEIGHTS", "RunOptions", "StageData", "train", "train_stages"]
