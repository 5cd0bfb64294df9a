"""Our trackers against those of others on the same boxes: scores, speed, and gains with their intervals."""

from gnntrack.bench.gains import Gain, best_of, gain_of
from gnntrack.bench.held_out import compare_weights
from gnntrack.bench.measure import Asked, Measured, measure
from gnntrack.bench.peers import PEERS, peer
from gnntrack.bench.runs import Run, Tracked, ours

__all__ = [
    "PEERS",
    "Asked",
    "Gain",
    "Measured",
    "Run",
    "Tracked",
    "best_of",
    "compare_weights",
    "gain_of",
    "measure",
    "ours",
    "peer",
]
