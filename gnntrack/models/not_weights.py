"""What was given as weights and is none: what it is, and what to give instead."""

from __future__ import annotations

from pathlib import Path

from gnntrack.errors import DataError

#: What a training run calls its result; its checkpoints lie beside it.
WEIGHTS = "weights.safetensors"
#: How the formats of other files of ours begin.
CHECKPOINT, TRACKER = "gnntrack checkpoint ", "gnntrack tracker "


def refuse_folder(path: Path) -> None:
    """Refuses a folder, such as that of a training run.

    Raises:
        DataError: it is one.
    """
    if path.is_dir():
        result = path / WEIGHTS
        remedy = f"give {result}" if result.is_file() else "name a file in it"
        raise DataError("a folder, not a file of weights", remedy=remedy, path=path)


def refuse_other(form: str, path: Path) -> None:
    """Refuses the other safetensors files that the package writes.

    Args:
        form: what the file says that it is.
        path: the file.

    Raises:
        DataError: it is one of them.
    """
    if form.startswith(CHECKPOINT):
        result = path.with_name(WEIGHTS)
        unfinished = f"go on with the run (--resume): at its end it writes {WEIGHTS} beside this file"
        remedy = f"give {result}" if result.is_file() else unfinished
        raise DataError("the checkpoint of a training run, not weights", remedy=remedy, path=path)
    if form.startswith(TRACKER):
        raise DataError("a saved tracker, not weights", remedy="read it with Tracker.load", path=path)
