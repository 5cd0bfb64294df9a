"""Boxes of some classes."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

import numpy as np

from gnntrack.errors import DataError
from gnntrack.notices import NoBoxes
from gnntrack.sequence import Sequence
from gnntrack.showing import shown


def with_classes(sequence: Sequence, classes: tuple[int | str, ...]) -> Sequence:
    """The boxes of these classes; all, where none is named.

    Example:
        >>> from gnntrack.datasets.sample import sample
        >>> truth = sample("TUD-Campus", "annotations")
        >>> len(with_classes(truth, (1,))), len(with_classes(truth, (2, "car")))
        (359, 0)
    """
    return sequence.take(of_classes(sequence, classes)) if classes else sequence


def of_classes(sequence: Sequence, classes: tuple[int | str, ...]) -> np.ndarray:
    """Which boxes are of these classes: ``(len(sequence),)``. Classes go by number or by name, small or capital."""
    return sequence.boxes["class_id"].isin(list(class_numbers(sequence.classes, classes))).to_numpy()


def class_numbers(known: Mapping[int, str], classes: tuple[int | str, ...]) -> set[int]:
    """The numbers of classes that go by number or by name.

    Example:
        >>> sorted(class_numbers({3: "Car", 4: "Van"}, ("car", 7, "8")))
        [3, 7, 8]
    """
    wanted = {str(name).lower() for name in classes}
    numbers = {int(name) for name in classes if isinstance(name, int) or _is_number(name)}
    return numbers | {number for number, name in known.items() if name.lower() in wanted}


def chosen_classes(sequence: Sequence, names: tuple[int | str, ...]) -> Sequence:
    """The boxes of the classes that a user names, by number or name; all, where none is named.

    Raises:
        DataError: a name is none of the sequence's classes.

    Example:
        >>> from gnntrack.datasets.sample import sample
        >>> len(chosen_classes(sample("TUD-Campus", "annotations"), ("1",)))
        359
    """
    for name in map(str, names):
        check_known(name, sequence.classes, sequence.name)
    return with_classes(sequence, names)


def check_known(name: str, known: Mapping[int, str], sequence: str | None = None) -> None:
    """Refuses a class that goes neither by number nor by a known name.

    Raises:
        DataError: so it is.
    """
    if not _is_number(name) and name.lower() not in {each.lower() for each in known.values()}:
        names = ", ".join(known.values()) or "numbers alone, the files name no classes"
        raise DataError(f"no class {shown(name)}", remedy=f"known: {names}", path=sequence)


def choose_classes(sequence: Sequence, names: tuple[int | str, ...]) -> Sequence:
    """The same as a reader does it: warns where a video that has boxes is left without any."""
    chosen = chosen_classes(sequence, names)
    if len(sequence) and not len(chosen):
        numbers = np.unique(sequence.boxes["class_id"]).tolist()
        found = tuple(sequence.classes.get(number, str(number)) for number in numbers)
        warnings.warn(NoBoxes(sequence.name, tuple(map(str, names)), found), stacklevel=2)
    return chosen


def _is_number(name: str) -> bool:
    return name.isascii() and name.isdecimal() and len(name) < 19
