"""Scoring follows identities, so every box that counts must have one."""

from __future__ import annotations

from typing import Literal

from gnntrack.errors import DataError
from gnntrack.sequence import Sequence

#: What to do about boxes without identity, in annotations and in results.
REMEDIES = {
    "annotations": "give every annotation that counts its own id",
    "results": "give every track its own id; boxes without ids are tracked by gnntrack track",
}


def require_identities(sequence: Sequence, what: Literal["annotations", "results"]) -> None:
    """Refuses boxes whose identity is unknown.

    Raises:
        DataError: a box has id −1.

    Example:
        >>> from gnntrack.datasets.sample import sample
        >>> require_identities(sample("TUD-Campus", "annotations"), "annotations")
    """
    unknown = int((sequence.boxes["id"] < 0).sum())
    if unknown:
        problem = f"{sequence.name}: {unknown} of {len(sequence)} {what} have no identity (id -1)"
        raise DataError(problem, remedy=REMEDIES[what])
