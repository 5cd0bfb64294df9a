"""Which classes results say, under the numbers that the annotations give them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

import numpy as np

from gnntrack.evaluation.rules import NO_CLASS
from gnntrack.sequence import Sequence

#: What tools write where they know no class.
_FILLER = 1


Result = TypeVar("Result", Sequence, Sequence | None)


def with_classes_of(results: Mapping[str, Result], truths: Mapping[str, Sequence], plain: bool) -> dict[str, Result]:
    """Results whose classes have the annotations' numbers; :data:`NO_CLASS` throughout where they say none.

    Args:
        results: sequence to its result, None where there are no annotations.
        truths: sequence to its annotations.
        plain: results are rows of numbers, whose class column may be a mere filler: it counts where all its classes
            are annotated, and not all are 1.
    """
    known = {name: tracks for name, tracks in results.items() if tracks is not None}
    if plain:
        said = {number for tracks in known.values() for number in np.unique(tracks.boxes["class_id"]).tolist()}
        there = {number for each in truths.values() for number in np.unique(each.boxes["class_id"]).tolist()}
        if not said <= there or said <= {_FILLER}:
            return dict(results) | {name: _numbered(tracks, None) for name, tracks in known.items()}
        return dict(results)
    return dict(results) | {
        name: _numbered(tracks, _numbers(tracks, truths[name])) for name, tracks in known.items() if name in truths
    }


def _numbered(tracks: Sequence, numbers: Mapping[int, int] | None) -> Sequence:
    """The result with other numbers of its classes; None: without classes."""
    kinds = tracks.boxes["class_id"]
    return replace(tracks, boxes=tracks.boxes.assign(class_id=NO_CLASS if numbers is None else kinds.map(numbers)))


def _numbers(tracks: Sequence, truth: Sequence) -> dict[int, int]:
    """The annotations' number of each class of a result: by name where both have names, else its own.

    A name that the annotations do not have gets a number that they do not have.
    """
    kinds = np.unique(tracks.boxes["class_id"]).tolist()
    if not (truth.classes and tracks.classes):
        return {kind: kind for kind in kinds}
    by_name = {name.lower(): number for number, name in truth.classes.items()}
    free = 1 + max([*truth.classes, *truth.boxes["class_id"].tolist(), *kinds])
    return {kind: by_name.get(tracks.classes.get(kind, "").lower(), free + kind) for kind in kinds}
