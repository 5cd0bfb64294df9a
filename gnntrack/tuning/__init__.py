"""Choosing the tracking settings that suit somebody's own annotated videos."""

from gnntrack.tuning.tune import Tuned, TuningOptions, tune

__all__ = ["Tuned", "TuningOptions", "tune"]
