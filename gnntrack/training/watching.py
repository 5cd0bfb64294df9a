"""Where one of several training processes ends, the others end too, with one line and without a wait."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress

from gnntrack.errors import DataError, MachineError

#: Seconds between two looks, and from the end of one process until the others, if they do not notice, are ended.
EVERY, GRACE = 0.5, 15.0
#: Seconds that processes have to end by themselves after the training.
LEAVING = 60.0
_REMEDY = "pass --resume to go on from the last checkpoint"


class Watch:
    """Looks after the processes that this one has started, or after the one that started it.

    A process notices the end of another when it next talks to it. One that computes for long, or waits for a GPU, is
    ended after :data:`GRACE`.

    Args:
        processes: that were started; the list is emptied, so that Lightning, which kills this process where one of
            them ends, has nothing to look after.
        started: whether this process was started by another.
    """

    def __init__(self, processes: list[subprocess.Popen[bytes]], started: bool) -> None:
        self.processes = list(processes)
        processes.clear()
        self.parent = os.getppid() if started else None
        self._ended = threading.Event()
        threading.Thread(target=self._look, name="training-watch", daemon=True).start()

    @property
    def orphan(self) -> bool:
        """Whether the process that started this one is gone."""
        return self.parent is not None and os.getppid() != self.parent

    def lost(self) -> str:
        """Which process has ended too early; empty: none that is known."""
        if self.orphan:
            return "the first process of the training has ended"
        for number, process in enumerate(self.processes, start=1):
            code = process.poll()
            if code:
                how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
                return f"process {number + 1} of the training {how}"
        return ""

    def error(self) -> DataError:
        """Says who has ended."""
        for process in self.processes:  # the connection breaks a moment before the process is gone
            with suppress(subprocess.TimeoutExpired):
                process.wait(EVERY)
        return MachineError(self.lost() or "a process of the training has ended", remedy=_REMEDY)

    def end(self, kill: bool) -> None:
        """Ends what is left, at once or when it had time to end by itself; it owns no files."""
        self._ended.set()
        for process in self.processes:
            if not kill:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(LEAVING)
            process.kill()
            process.wait()

    def _look(self) -> None:
        while not self._ended.wait(EVERY):
            if self.lost():
                if not self._ended.wait(GRACE):
                    print(f"error: {self.error()}", file=sys.stderr, flush=True)
                    for process in self.processes:
                        process.kill()
                    os._exit(2)
                return
