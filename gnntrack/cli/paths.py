"""What reads the options that name a file or folder, here or elsewhere."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import typer

from gnntrack.cli.output import say
from gnntrack.errors import DataError
from gnntrack.remote import as_path, on_this_machine


def path(value: str | os.PathLike[str]) -> Path:
    """A path of this machine, or an address such as ``s3://bucket/folder``.

    Raises:
        Exit: it is an address that is not read. Typer would take a DataError for an error of its own.
    """
    return _or_end(as_path, value)


def local_path(value: str | os.PathLike[str]) -> Path:
    """The same of an output that is written to this machine alone; an address ends the program at once."""
    return _or_end(on_this_machine, value)


def _or_end(read: Callable[[str | os.PathLike[str]], Path], value: str | os.PathLike[str]) -> Path:
    try:
        return read(value)
    except DataError as error:
        say(f"error: {error}", err=True)
        raise typer.Exit(2) from None


PATH, LOCAL = path, local_path
