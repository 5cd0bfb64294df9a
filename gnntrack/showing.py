"""Values and names as they go into messages: short, in one line, and nothing that a terminal would obey."""

from __future__ import annotations

import reprlib
from collections.abc import Collection
from itertools import islice
from typing import Any

#: Characters of a value that a message shows.
LONGEST = 60


class _Bounded(reprlib.Repr):
    """A representation whose cost does not depend on the size of the value."""

    def repr_int(self, value: int, level: int) -> str:
        """Digits are only written out where they are few; thousands would take long, or be refused."""
        return repr(value) if value.bit_length() < 200 else f"a number of {value.bit_length()} bits"

    def repr_instance(self, value: Any, level: int) -> str:
        """Of other objects the kind only: their own representation may be anything."""
        if isinstance(value, (float, complex, bool, type(None))):
            return repr(value)
        if isinstance(value, (bytes, bytearray)):
            return repr(bytes(value[: self.maxstring]))
        return f"a {type(value).__name__}"


_BOUNDED = _Bounded()
_BOUNDED.maxlevel = 2
_BOUNDED.maxlist = _BOUNDED.maxtuple = _BOUNDED.maxdict = _BOUNDED.maxset = _BOUNDED.maxfrozenset = 4
_BOUNDED.maxstring = _BOUNDED.maxlong = _BOUNDED.maxother = LONGEST


def shown(value: Any, longest: int = LONGEST) -> str:
    r"""The value as a message shows it: at most so many characters, whatever it holds.

    Example:
        >>> shown("a\x1b[2J"), shown([[[[1]]]]), shown(10**5000), shown("x" * 1000, 20)
        ("'a\\x1b[2J'", '[[[...]]]', 'a number of 16610 bits', "'xxxxxxx...xxxxxxxx'")
    """
    if isinstance(value, str):
        text = value if len(value) <= longest - 2 else value[: longest // 2 - 3] + "..." + value[-(longest // 2 - 2) :]
        return repr(text)
    text = _BOUNDED.repr(value)
    return text if len(text) <= longest else text[: longest - 3] + "..."


def listed(names: Collection[str], most: int = 8) -> str:
    """Names with commas: the first of them, and how many more there are.

    Example:
        >>> listed(["a", "b", "c"]), listed("abcd", 2)
        ('a, b, c', 'a, b and 2 more')
    """
    text = ", ".join(islice(names, most))
    return f"{text} and {len(names) - most} more" if len(names) > most else text


def frame_span(first: int, last: int) -> str:
    """A run of frames in words.

    Example:
        >>> frame_span(3, 7), frame_span(3, 3)
        ('frames 3 to 7', 'frame 3')
    """
    return f"frame {first}" if first == last else f"frames {first} to {last}"


def printable(text: str) -> str:
    r"""The text with every character escaped that is not printed but obeyed: escape sequences, line ends, odd bytes.

    Example:
        >>> printable("a\x1b[2Jb\n"), printable("bäm \udcff")
        ('a\\x1b[2Jb\\n', 'bäm \\udcff')
    """
    if text.isprintable():
        return text
    return "".join(part if part.isprintable() else ascii(part)[1:-1] for part in text)
