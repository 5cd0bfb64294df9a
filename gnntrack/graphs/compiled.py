"""Loops over boxes that are compiled on their first use, and kept on disk for the next time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """The function as machine code: on a few dozen boxes an array operation costs more to call than to do.

    Division by zero gives infinity or nan, as numpy's does. Where nothing may be written, not even in a cache folder,
    it is compiled anew in every process.
    """
    result: Function
    try:
        result = numba.njit(function, cache=True, error_model="numpy")
    except RuntimeError:  # numba found no place for the cache
        result = numba.njit(function, error_model="numpy")
    return result
