"""What the verbs print: lines in which names cannot command the terminal."""

from __future__ import annotations

import sys
from contextlib import suppress

import typer

from gnntrack.showing import printable


def say(text: str, err: bool = False) -> None:
    """Prints lines; whatever is not printable in them is escaped."""
    typer.echo("\n".join(map(printable, text.split("\n"))), err=err)


def say_weights(name: str) -> None:
    """Says on stderr which weights a verb works with: shipped ones, or those of a file.

    Raises:
        DataError: there are no such weights.
    """
    from gnntrack import __version__
    from gnntrack.models import find_weights

    path = find_weights(name)
    say(f"weights: {name}, shipped with gnntrack {__version__}" if path.stem == name else f"weights: {path}", err=True)


def tolerate_encodings() -> None:
    """Lets characters that the terminal's encoding lacks be escaped, not end the program."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError):  # a stream that a test or a notebook put there
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
