"""Work by the sequence: tasks of plain values, done here, in processes of this machine, or on a Dask cluster."""

from gnntrack.tasks.engine import Engine, Progress, Where, no_progress, opened
from gnntrack.tasks.failures import Failures
from gnntrack.tasks.outcome import Outcome, Problem
from gnntrack.tasks.together import all_values
from gnntrack.tasks.workers import Workers

__all__ = [
    "Engine",
    "Failures",
    "Outcome",
    "Problem",
    "Progress",
    "Where",
    "Workers",
    "all_values",
    "no_progress",
    "opened",
]
