"""What long work tells while it runs: permanent lines, and on a terminal a bar that moves."""

from __future__ import annotations

import sys
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn


class Report:
    """Prints nothing; the base class of reports."""

    def line(self, text: str) -> None:
        """Prints one permanent line."""

    def moved(self, what: str, done: int, total: int) -> None:
        """Shows how far ``what`` has come; gone once something else is shown."""

    def __enter__(self) -> Report:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Takes away what does not stay."""


class StderrReport(Report):
    """Lines on stderr; on a terminal also a bar.

    Example:
        >>> with StderrReport() as report:
        ...     report.moved("epoch 1/4", 10, 250)
        ...     report.line("epoch 1/4: loss 1.234")
    """

    def __init__(self) -> None:
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def line(self, text: str) -> None:
        """Prints one permanent line."""
        if self._bar is None:
            print(text, file=sys.stderr, flush=True)
        else:
            self._bar.console.print(text, highlight=False, markup=False, soft_wrap=True)

    def moved(self, what: str, done: int, total: int) -> None:
        """Shows how far ``what`` has come."""
        if self._bar is None:
            if not sys.stderr.isatty():
                return
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._bar.start()
        if self._task is None:
            self._task = self._bar.add_task(what, total=total)
        self._bar.update(self._task, description=what, completed=done, total=total)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Takes the bar away."""
        if self._bar is not None:
            self._bar.stop()
        self._bar = self._task = None
