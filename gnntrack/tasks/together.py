"""Tasks of which all must be done: where one fails, nothing comes of the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from gnntrack.tasks.engine import Engine
from gnntrack.tasks.failures import Failures
from gnntrack.tasks.outcome import Outcome, Task, Work

Result = TypeVar("Result")


def all_values(
    engine: Engine, work: Work[Result], tasks: Sequence[Task], doing: str, gives: str, follows: float = 0.0
) -> list[Result]:
    """The values of all tasks, in their order; all that failed are told together.

    Args:
        engine: does them.
        work: what to do.
        tasks: plain values.
        doing: what is being done, for the bar.
        gives: what comes of it, for the error.
        follows: see :meth:`.Engine.run`.

    Raises:
        FailedTasksError: some failed.
        DataError: the only one failed, or the first was to be the last.

    Example:
        >>> from gnntrack.tasks import opened
        >>> with opened() as engine:
        ...     all_values(engine, len, [{"a": 1}, {}], "counting", "lengths")
        [1, 0]
    """
    failures = Failures(len(tasks), engine.workers.fail_fast)
    outcomes: dict[int, Outcome[Result]] = {}
    for outcome in engine.progress(engine.run(work, tasks, follows=follows), len(tasks), doing):
        if outcome.problem is None:
            outcomes[outcome.number] = outcome
        else:
            failures.value(outcome)
    values = [outcomes[number].got() for number in sorted(outcomes)]
    failures.raise_any(gives, there=False)
    return values
