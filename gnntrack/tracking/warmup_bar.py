"""Warming up with a bar on the terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from gnntrack.compiled import Show
from gnntrack.models import CompiledNetworks


def warm_up_with_bar(model: object, offline: bool = False) -> int:
    """:func:`.warmup.warm_up` with a bar on stderr, if that is a terminal; models of window graphs need none.

    Args:
        model: of :func:`gnntrack.models.load_for_tracking`.
        offline: for tracking whole videos; otherwise for streams.

    Returns:
        How many functions were compiled.

    Example:
        >>> from gnntrack.models import load_for_tracking
        >>> networks, _ = load_for_tracking("default")
        >>> warm_up_with_bar(networks) >= 0, warm_up_with_bar(networks)
        (True, 0)
    """
    if not isinstance(model, CompiledNetworks):
        return 0
    from gnntrack.tracking.warmup import warm_up  # it tracks

    with _bar() as show:
        return warm_up(model, offline, show)


@contextmanager
def _bar() -> Iterator[Show]:
    """A bar that goes away when it is full."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = TextColumn("compiling, once"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=Console(file=sys.stderr), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, all_: bar.update(task, completed=done, total=all_)
