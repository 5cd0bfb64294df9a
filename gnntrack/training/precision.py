"""What a network scored in half precision, for losses that are computed in full."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from gnntrack.association.network import LinkScores
from gnntrack.precision import full_precision

#: Gives the context in which networks score in the precision of a run; outside of it all is computed in full.
Scoring = Callable[[], AbstractContextManager[None]]


def in_full(scores: LinkScores) -> LinkScores:
    """The same scores, float32 where they were of half precision; the gradient goes back."""
    logits, *others = scores
    return LinkScores([full_precision(values) for values in logits], *map(full_precision, others))
