"""Names of sequences and classes: what may come in."""

from __future__ import annotations

from typing import Any, TypeGuard

from gnntrack.errors import DataError
from gnntrack.showing import shown

#: Bytes of a name: file systems take 255, and suffixes are added.
LONGEST_NAME = 200


def is_name(value: Any) -> TypeGuard[str]:
    r"""Whether this is a text of printable characters that fits into a line and a file's name.

    Example:
        >>> is_name("MOT17-02"), is_name("a\x1b[2J"), is_name("\udcff"), is_name(" "), is_name(7)
        (True, False, False, False, False)
    """
    if not isinstance(value, str) or not value.isprintable():
        return False
    return value == value.strip() and 0 < len(value.encode()) <= LONGEST_NAME


def check_name(name: Any) -> str:
    """The name of a sequence; it becomes a file name, so it must not lead anywhere else, nor command a terminal.

    Raises:
        DataError: it cannot be a file's name, or holds characters that are not printed.

    Example:
        >>> check_name("../a")
        Traceback (most recent call last):
            ...
        gnntrack.errors.DataError: sequence name '../a' cannot be a file name; use letters, digits, '-', '_' and '.'
    """
    if not is_name(name) or name in {".", ".."} or any(character in name for character in "/\\"):
        problem = f"sequence name {shown(name)} cannot be a file name"
        raise DataError(problem, remedy="use letters, digits, '-', '_' and '.'")
    return name
