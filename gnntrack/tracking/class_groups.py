"""Which classes may share a track."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from gnntrack.errors import DataError, DataWarning
from gnntrack.formats.classes import check_known, class_numbers
from gnntrack.sequence import Sequence
from gnntrack.showing import shown
from gnntrack.sorting import LARGEST_WHOLE

#: ``together``: classes do not matter; ``separate``: boxes of two classes are never linked; or groups of classes, by
#: number or name, whose boxes may be linked: what no group names stays by itself.
Classes = Literal["together", "separate"] | Iterable[Iterable[int | str]]
_REMEDY = "give together, separate, or groups of classes such as 'car,van;pedestrian'"


@dataclass(frozen=True)
class ClassGroups:
    """Which classes may share a track.

    Attributes:
        apart: whether classes matter at all.
        groups: classes that may share a track; every other class is a group of its own.

    Example:
        >>> kinds = np.array([1.0, 3, 4, 3])
        >>> ClassGroups.of("separate").numbers(kinds).tolist(), ClassGroups.of([[3, 4]]).numbers(kinds).tolist()
        ([1.0, 3.0, 4.0, 3.0], [1.0, 3.0, 3.0, 3.0])
        >>> ClassGroups.of("together").numbers(kinds) is None
        True
    """

    apart: bool = False
    groups: tuple[tuple[int, ...], ...] = ()

    @classmethod
    def of(cls, classes: Classes, names: Mapping[int, str] | None = None) -> ClassGroups:
        """What a caller asks for.

        Args:
            classes: see :data:`Classes`.
            names: names of the class numbers, where they are known.

        Raises:
            DataError: it is something else, a name is none of the names, or a class is in two groups.

        Example:
            >>> ClassGroups.of([["car", "Van"], [1]], {1: "Pedestrian", 3: "Car", 4: "Van"}).groups
            ((3, 4), (1,))
        """
        if isinstance(classes, str):
            if classes not in ("together", "separate"):
                raise DataError(f"classes {shown(classes)}", remedy=_REMEDY)
            return cls(classes == "separate")
        groups = tuple(_group(group, names or {}) for group in _listed(classes))
        members = [number for group in groups for number in group]
        twice = next((number for number in members if members.count(number) > 1), None)
        if twice is not None:
            name = (names or {}).get(twice, str(twice))
            raise DataError(f"class {shown(name)} is in two groups", remedy="name each class once")
        return cls(True, groups)

    def numbers(self, kinds: np.ndarray) -> np.ndarray | None:
        """A number ``(N,)`` for the group of each class: one of its classes; None: classes do not matter."""
        if not self.apart:
            return None
        result = kinds.astype(np.float64)
        for first, *others in self.groups:
            for other in others:
                result[kinds == other] = first
        return result


def groups_in(boxes: Sequence, classes: Classes) -> ClassGroups:
    """What a caller asks for of the boxes of a video; a warning where they have no classes that it could concern.

    Raises:
        DataError: see :meth:`ClassGroups.of`.
    """
    groups = ClassGroups.of(classes, boxes.classes)
    if groups.apart and len(boxes) and not boxes.classes and not boxes.boxes["class_id"].any():
        problem = f"{boxes.name}: boxes have no classes, so all are tracked together"
        warnings.warn(problem, DataWarning, stacklevel=3)
    return groups


def parse_classes(text: str) -> Classes:
    """What ``--classes`` says: groups are separated by semicolons, classes by commas.

    Example:
        >>> parse_classes("separate"), parse_classes("car, van; 1")
        ('separate', [['car', 'van'], ['1']])
    """
    if text in ("together", "separate"):
        return text
    return [[name.strip() for name in group.split(",")] for group in text.split(";")]


def _listed(classes: Any) -> list[list[Any]]:
    """Groups as lists."""
    try:
        groups = [[group] if isinstance(group, str) else list(group) for group in classes]
    except TypeError:
        raise DataError(f"classes {shown(classes)}", remedy=_REMEDY) from None
    if not all(groups):
        raise DataError("a group of no classes", remedy=_REMEDY)
    return groups


def _group(names: list[Any], known: Mapping[int, str]) -> tuple[int, ...]:
    """The numbers of a group's classes, in order."""
    numbers: dict[int, None] = {}
    for name in names:
        if isinstance(name, str):
            check_known(name, known)
            numbers |= dict.fromkeys(sorted(class_numbers(known, (name,))))
        elif isinstance(name, int | np.integer) and not isinstance(name, bool) and abs(int(name)) <= LARGEST_WHOLE:
            numbers[int(name)] = None
        else:
            raise DataError(f"class {shown(name)}", remedy="give names, or whole numbers below 2^53")
    return tuple(numbers)
