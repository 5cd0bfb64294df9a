"""What reads the options that name a file or folder, here or elsewhere."""

from __future__ import annotations

import os
from pathlib import Path

import typer

from gnntrack.cli.output import say
from gnntrack.errors import DataError
from gnntrack.remote import as_path


def path(value: str | os.PathLike[str]) -> Path:
    """A path of this machine, or an address such as ``s3://bucket/folder``; typer names options after the function.

    Raises:
        Exit: it is an address that is not read. Typer would take a DataError for an error of its own.
    """
    try:
        return as_path(value)
    except DataError as error:
        say(f"error: {error}", err=True)
        raise typer.Exit(2) from None


PATH = path
