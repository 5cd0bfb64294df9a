"""How large the numbers of a recipe may be: far above what has ever helped, far below what a machine cannot hold."""

from __future__ import annotations

#: Width of node and link states, rounds of message passing, networks of an ensemble, partners kept of a node.
MOST_HIDDEN, MOST_ROUNDS, MOST_MEMBERS, MOST_NEAREST = 4096, 32, 16, 256
#: Longest time that a setting may name, in frames (an hour at 30 frames a second) and in seconds.
MOST_FRAMES, MOST_SECONDS = 108_000, 3_600
