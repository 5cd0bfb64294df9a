"""What is read for an evaluation: annotations, and results beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gnntrack.sequence import Sequence

#: Sequence name to (annotations, tracks).
Pairs = dict[str, tuple[Sequence, Sequence]]
#: Name of a result to its pairs.
Results = Mapping[str, Pairs]


@dataclass(frozen=True)
class Truth:
    """A sequence's annotations.

    Attributes:
        boxes: all of them, also regions and what does not count (:mod:`.benchmarks`).
        annotated: frames that have an annotation of any class, ascending.
        length: of the sequence where that is known, else 0: results may go on longer.
        format_name: of the annotations.
    """

    boxes: Sequence
    annotated: np.ndarray
    length: int
    format_name: str = "mot"
