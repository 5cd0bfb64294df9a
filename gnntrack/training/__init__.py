"""Training with Lightning."""

from gnntrack.training.run import RunOptions, train

__all__ = ["RunOptions", "train"]
