"""Ctrl-C and SIGTERM: whatever a verb is at, it ends with one line and the same code."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from gnntrack.cli.stopping import STOPPED

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class _Stop(KeyboardInterrupt):
    """A class of its own: where Python sees KeyboardInterrupt itself leave C code, ``python -m`` ends by SIGINT."""


class StopRequest:
    """Whether a signal to stop has come.

    Attributes:
        came: true from the first signal on.
    """

    def __init__(self) -> None:
        self.came = False

    def _take(self, number: int, frame: FrameType | None) -> None:
        if self.came:
            os._exit(STOPPED)  # asked twice: at once, and what was being written is cleared away by the next run
        self.came = True
        raise _Stop


@contextmanager
def stop_signals() -> Iterator[StopRequest]:
    """Turns the first SIGINT or SIGTERM into KeyboardInterrupt and notes it; a second one ends the process at once.

    The note counts, not the exception: compiled code turns KeyboardInterrupt into SystemError, and other libraries
    into errors of their own.

    Example:
        >>> import signal
        >>> with stop_signals() as stop:
        ...     try:
        ...         signal.raise_signal(signal.SIGTERM)
        ...     except KeyboardInterrupt:
        ...         print(stop.came)
        True
    """
    stop = StopRequest()
    before = {}
    if threading.current_thread() is threading.main_thread():
        before = {number: signal.signal(number, stop._take) for number in _SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
