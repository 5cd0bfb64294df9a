"""Ctrl-C and SIGTERM: whatever a verb is at, it ends with one line and the same code."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

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


@contextmanager
def asked_to_end() -> Iterator[Callable[[], bool]]:
    """Lets the first SIGINT or SIGTERM in the block only be noted: yields whether it came.

    For what has no end of its own, such as a camera: it looks at the note and ends as if it had one. A second signal
    does what the first one usually does.

    Example:
        >>> with asked_to_end() as ended:
        ...     signal.raise_signal(signal.SIGINT)
        ...     print(ended())
        True
    """
    came = False
    before: dict[int, Any] = {}

    def note(number: int, frame: FrameType | None) -> None:
        nonlocal came
        came = True
        restore()

    def restore() -> None:
        while before:
            signal.signal(*before.popitem())

    if threading.current_thread() is threading.main_thread():
        before = {number: signal.signal(number, note) for number in _SIGNALS}
    try:
        yield lambda: came
    finally:
        restore()
