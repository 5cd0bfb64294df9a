"""Commands in forked processes, and the files that they leave."""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import sys
import time
import traceback
from pathlib import Path

from gnntrack.cli import main as command_line
from gnntrack.files import PARTIAL


def run(folder: Path, arguments: tuple[str, ...], seconds: float | None = None) -> int | None:
    """Runs a command in a forked process; its exit code, or None if it was killed after so long."""
    child = os.fork()
    if child == 0:
        os._exit(here(folder, arguments))
    if seconds is not None:
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return None if os.WIFSIGNALED(status) else os.waitstatus_to_exitcode(status)


def here(folder: Path, arguments: tuple[str, ...]) -> int:
    """Runs a command in this process; its exit code. What it says is in ``stderr.txt``."""
    os.chdir(folder)
    sys.argv = ["gnntrack", *arguments]
    with (
        (folder / "stderr.txt").open("w") as log,
        Path(os.devnull).open("w") as nothing,
        contextlib.redirect_stdout(nothing),
        contextlib.redirect_stderr(log),
    ):
        try:
            command_line()
        except SystemExit as end:
            return int(end.code or 0)
        except BaseException:
            traceback.print_exc()
    return 1


def outputs(folder: Path) -> dict[str, str]:
    """The hash of every file that was written, those that no run has finished left out."""
    files = (path for top in folder.glob("out*") for path in [top, *top.rglob("*")] if path.is_file())
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if not path.name.endswith(PARTIAL)
    }


def partials(folder: Path) -> list[Path]:
    return [path for path in folder.rglob(f".*{PARTIAL}*") if "data" not in path.parts]
