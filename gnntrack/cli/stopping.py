"""What the training verbs say when they are stopped: the command that goes on."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from gnntrack.cli.output import say

#: Exit code of a command that was stopped from the keyboard.
STOPPED = 130


@contextmanager
def tells_how_to_resume() -> Iterator[None]:
    """Turns a stopped training into one line with the command that goes on, and exit code 130."""
    from gnntrack.training.interruption import Interrupted

    try:
        yield
    except Interrupted:
        kept = [argument for argument in sys.argv[1:] if argument not in ("--overwrite", "--resume")]
        say(f"stopped; go on with: {shlex.join(['gnntrack', *kept, '--resume'])}", err=True)
        raise typer.Exit(STOPPED) from None
