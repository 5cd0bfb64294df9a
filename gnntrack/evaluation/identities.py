"""Scoring follows identities, so every box that counts must have one."""

from __future__ import annotations

from typing import Literal

from gnntrack.errors import DataError
from gnntrack.formats.raw import IDENTITY_REMEDIES
from gnntrack.sequence import Sequence


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
        raise DataError(problem, remedy=IDENTITY_REMEDIES[what])
