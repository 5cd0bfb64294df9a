"""A bar on the terminal: how far, how fast, how long still. Where stderr is no terminal, nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")


def with_progress(items: Iterable[Item], total: int, what: str, unit: str = "frames") -> Iterator[Item]:
    """Yields the items, showing a bar on stderr meanwhile.

    Args:
        items: one by one.
        total: how many there are; 0: unknown.
        what: is being done, before the bar.
        unit: of the items.
    """
    if not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(f"{{task.fields[rate]}} {unit}/s"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=total or None, rate="–")
        for item in items:
            yield item
            progress.update(task, advance=1)
            speed = progress.tasks[task].speed
            if speed:
                progress.update(task, rate=f"{speed:.0f}")


def with_task_progress(outcomes: Iterator[Item], total: int, what: str) -> Iterator[Item]:
    """:func:`with_progress` of tasks, a sequence each."""
    return with_progress(outcomes, total, what, "sequences")
