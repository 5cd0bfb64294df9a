"""What is kept of a stream to continue it: arrays by name, compared with what they should be when they come back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from gnntrack.errors import DataError

State = dict[str, np.ndarray]
#: What the attributes of an object look like: their type (``f8``, ``i8``, ``?``) and their axes: sizes, or letters for
#: sizes that several have in common.
Layout = Mapping[str, tuple[Any, ...]]
REMEDY = "give a file that Tracker.save wrote"


class Stateful(Protocol):
    """What remembers something of a stream."""

    def state(self) -> State:
        """What it remembers; never its own memory."""

    def restore(self, state: State) -> None:
        """Takes back what :meth:`state` gave, and leaves that as it is.

        Raises:
            DataError: it is something else.
        """


def taken(owner: Any, layout: Layout, only: str = "") -> State:
    """The attributes of an object as arrays.

    Args:
        owner: the object.
        layout: its attributes; a leading underscore is not part of a name.
        only: a prefix for all names.

    Example:
        >>> from types import SimpleNamespace
        >>> taken(SimpleNamespace(_frame=3, ids=np.array([1, 2])), {"_frame": ("i8",), "ids": ("i8", "T")})
        {'frame': array(3), 'ids': array([1, 2])}
    """
    return {only + name.lstrip("_"): np.array(getattr(owner, name), dtype=kind) for name, (kind, *_) in layout.items()}


def given_back(owner: Any, layout: Layout, state: State) -> None:
    """Sets the attributes of an object to the arrays of a state, scalars as Python's.

    Raises:
        DataError: one is missing, is of another type or shape, or not finite.
    """
    sizes: dict[str, int] = {}
    found = {name: checked(state, name.lstrip("_"), *about, sizes=sizes) for name, about in layout.items()}
    for name, values in found.items():
        setattr(owner, name, values if values.ndim else values.item())


def checked(state: State, name: str, kind: str, *axes: int | str, sizes: dict[str, int] | None = None) -> np.ndarray:
    """An array of a state, as a copy.

    Args:
        state: arrays by name.
        name: of the array.
        kind: its type.
        axes: sizes, or letters.
        sizes: of letters that were met; is added to.

    Raises:
        DataError: it is missing, is of another type or shape, or not finite.

    Example:
        >>> checked({"ids": np.array([1, 2])}, "ids", "i8", 3)
        Traceback (most recent call last):
            ...
        gnntrack.errors.DataError: ids of shape (2,) and type int64 in the state; give a file that Tracker.save wrote
    """
    if name not in state:
        raise DataError(f"no {name} in the state", remedy=REMEDY)
    values, sizes = state[name], {} if sizes is None else sizes
    fits = values.ndim == len(axes) and values.dtype == np.dtype(kind)
    for axis, size in zip(axes, values.shape, strict=False):
        fits &= size == (sizes.setdefault(axis, size) if isinstance(axis, str) else axis)
    if not fits:
        raise DataError(f"{name} of shape {values.shape} and type {values.dtype} in the state", remedy=REMEDY)
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise DataError(f"{name} is not finite in the state", remedy=REMEDY)
    return values.copy()  # trackers change theirs in place, and a state may begin many


def part_of(state: State, prefix: str) -> State:
    """The arrays whose names begin with a prefix, without it."""
    return {name.removeprefix(prefix): values for name, values in state.items() if name.startswith(prefix)}


def named_below(prefix: str, state: State) -> State:
    """The same with a prefix; the inverse of :func:`part_of`."""
    return {prefix + name: values for name, values in state.items()}


def require(right: bool | np.bool_, what: str) -> None:
    """Refuses a state whose parts contradict each other.

    Raises:
        DataError: so it is.
    """
    if not right:
        raise DataError(f"{what} in the state", remedy=REMEDY)
