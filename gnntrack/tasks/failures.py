"""Tasks that failed: they stop the others only when told."""

from __future__ import annotations

from typing import TypeVar

from gnntrack.errors import DataError, FailedTasksError, MachineError
from gnntrack.tasks.outcome import Outcome

Result = TypeVar("Result")


class Failures:
    """Gathers what is wrong with single sequences.

    Args:
        total: number of sequences, those included that were finished before; None: not known yet.
        fail_fast: whether the first failure is the last.

    Example:
        >>> from gnntrack.tasks import Outcome, Problem
        >>> failures = Failures(2)
        >>> failures.value(Outcome(0, problem=Problem("w is nan", path="a.txt", line=3))), failures.value(Outcome(1, 7))
        (None, 7)
        >>> try:
        ...     failures.raise_any("tracks")
        ... except FailedTasksError as failed:
        ...     print(failed, failed.listed())
        1 of 2 sequences failed; the tracks of the others are there ['failed: a.txt:3: w is nan']
    """

    def __init__(self, total: int | None, fail_fast: bool = False) -> None:
        self.total, self.fail_fast = total, fail_fast
        self.errors: dict[int, DataError] = {}

    def value(self, outcome: Outcome[Result]) -> Result | None:
        """The value of an outcome, None if it failed.

        Raises:
            DataError: it failed, and it is the only one, the first was to be the last, or all others would fail too.
        """
        try:
            return outcome.got()
        except DataError as error:
            self.note(outcome.number, error)
            return None

    def note(self, number: int, error: DataError) -> None:
        """Notes what is wrong with a sequence.

        Raises:
            DataError: it is the only one, the first was to be the last, or all others would fail too.
        """
        if self.fail_fast or self.total == 1 or isinstance(error, MachineError):
            raise error
        self.errors[number] = error

    def raise_any(self, what: str, there: bool = True) -> None:
        """Ends with all failures, if there are any.

        Args:
            what: what the others have given.
            there: whether it is there, if there are others.

        Raises:
            FailedTasksError: some failed.
            DataError: the only one failed.
        """
        if self.errors:
            assert self.total is not None
            ordered = [self.errors[number] for number in sorted(self.errors)]
            if self.total == 1:
                raise ordered[0]
            there = there and len(ordered) < self.total
            remedy = f"the {what} of the others are there" if there else f"mend them, or leave them out: no {what}"
            raise FailedTasksError(f"{len(ordered)} of {self.total} sequences failed", remedy=remedy, errors=ordered)
