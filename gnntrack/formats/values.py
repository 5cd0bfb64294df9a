"""Numbers and classes on their way between the table and files: what several formats share."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

import numpy as np
import pandas as pd

from gnntrack.errors import DataError, DataWarning
from gnntrack.sequence import Sequence
from gnntrack.showing import shown

#: Formats that need an entry a frame list no more frames than this.
LARGEST_LENGTH = 2_000_000


def as_written(values: pd.Series | pd.DataFrame | np.ndarray) -> np.ndarray:
    """Numbers as files hold them: to a millionth (of a pixel)."""
    result: np.ndarray = np.round(np.asarray(values, dtype=float), 6) + 0.0  # no negative zeros
    return result


def corners_to_size(low: pd.Series, high: pd.Series) -> pd.Series:
    """Right minus left (or lower minus upper), to a millionth of a pixel: subtraction leaves noise below that."""
    return (high - low).round(6)


def visibility_of(occlusion: pd.Series, levels: float) -> pd.Series:
    """Visibility from 1 to 0 of occlusion levels 0, 1, … ``levels``; levels outside count as 0."""
    return 1.0 - occlusion.where(occlusion.between(0, levels), 0.0) / levels


def occlusion_of(visibility: pd.Series, levels: float) -> pd.Series:
    """The occlusion level that is nearest to a visibility."""
    return ((1.0 - visibility) * levels).round().astype("int64")


def class_numbers_of(
    sequence: Sequence, known: Mapping[int, str], other: str, whose: str, rows: np.ndarray | None = None
) -> pd.Series:
    """The number in a format's list of each row's class: by name where names are known, else by number.

    Args:
        sequence: the boxes.
        known: the format's classes.
        other: the one that stands for all that the list lacks; each such class is warned of.
        whose: the list, for the warning: "KITTI's".
        rows: which rows, a mask ``(len(sequence),)``; None: all.
    """
    numbers = {name.lower(): number for number, name in known.items()}
    classes = sequence.boxes["class_id"] if rows is None else sequence.boxes["class_id"][rows]
    translated = {}
    for class_id in np.unique(classes).tolist():
        name = sequence.classes.get(class_id, known.get(class_id, ""))
        if name.lower() not in numbers:
            text = f"{sequence.name}: class {class_id} {shown(name)} is none of {whose}; written as {other!r}"
            warnings.warn(text, DataWarning, stacklevel=4)
        translated[class_id] = numbers.get(name.lower(), numbers[other.lower()])
    return classes.map(translated)


def check_length(sequence: Sequence) -> None:
    """Refuses a video that is too long for a format with an entry a frame.

    Raises:
        DataError: it is.
    """
    if sequence.length > LARGEST_LENGTH:
        problem = f"{sequence.name}: {sequence.length} frames; this format lists every one"
        raise DataError(problem, remedy="convert to mot instead")
