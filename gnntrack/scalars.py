"""Single numbers of any library's type as plain ``int`` and ``float``."""

from __future__ import annotations

from decimal import Decimal
from numbers import Real
from typing import Any

from gnntrack.errors import DataError
from gnntrack.showing import shown


def whole_number(value: Any, what: str) -> int:
    """A whole number as ``int``: of Python, numpy or torch, or a float without a fraction.

    Args:
        value: the number.
        what: what it is, for the error.

    Raises:
        DataError: it is no whole number.

    Example:
        >>> import numpy as np
        >>> whole_number(np.int64(640), "width"), whole_number(np.float32(480.0), "height")
        (640, 480)
    """
    value = _unwrapped(value)
    if _is_number(value):
        try:
            if value == value // 1:
                return int(value)
        except (ArithmeticError, ValueError):  # infinite, or no number at all
            pass
    raise DataError(f"{what} is {shown(value)}", remedy="give a whole number")


def real_number(value: Any, what: str) -> float:
    """A number as ``float``: of Python (fractions and decimals too), numpy or torch.

    Args:
        value: the number.
        what: what it is, for the error.

    Raises:
        DataError: it is no number.

    Example:
        >>> from fractions import Fraction
        >>> round(real_number(Fraction(30000, 1001), "frame rate"), 2)
        29.97
    """
    value = _unwrapped(value)
    if _is_number(value):
        try:
            return float(value)
        except (OverflowError, ValueError):
            pass
    raise DataError(f"{what} is {shown(value)}", remedy="give a number")


def _is_number(value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, (Real, Decimal))


def _unwrapped(value: Any) -> Any:
    """What an array or tensor of one number holds; anything else as it is."""
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        return value.item()
    return value
