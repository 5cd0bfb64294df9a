"""What comes of a task: a value, or the line that says why there is none."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from gnntrack import __version__
from gnntrack.errors import DataError, DataWarning, FailedTasksError, MachineError

Result = TypeVar("Result")
#: Plain values by name; ``about`` says what the task is about, for errors.
Task = Mapping[str, Any]
#: A function with a name in a module: what runs elsewhere is found there by its name.
Work = Callable[[Task], Result]


@dataclass(frozen=True)
class Problem:
    """A :class:`DataError` in plain values.

    Attributes:
        problem: see there.
        remedy: likewise.
        path: likewise.
        line: likewise.
        of_machine: whether another task would fail as well, see :class:`MachineError`.
        several: what is wrong with each sequence, where a task is about several, see :class:`FailedTasksError`.
    """

    problem: str
    remedy: str = ""
    path: str | None = None
    line: int | None = None
    of_machine: bool = False
    several: tuple[Problem, ...] = ()

    @classmethod
    def of(cls, error: DataError) -> Problem:
        """The problem of an error."""
        path = None if error.path is None else str(error.path)
        several = tuple(map(cls.of, error.errors)) if isinstance(error, FailedTasksError) else ()
        return cls(error.problem, error.remedy, path, error.line, isinstance(error, MachineError), several)

    def error(self) -> DataError:
        """The error of a problem."""
        if self.several:
            return FailedTasksError(self.problem, remedy=self.remedy, errors=[each.error() for each in self.several])
        kind = MachineError if self.of_machine else DataError
        return kind(self.problem, remedy=self.remedy, path=self.path, line=self.line)


@dataclass(frozen=True)
class Outcome(Generic[Result]):
    """What came of a task.

    Attributes:
        number: of the task, from 0.
        value: what the work gave.
        problem: why it gave nothing.
        notices: what had to be assumed.
    """

    number: int
    value: Result | None = None
    problem: Problem | None = None
    notices: tuple[DataWarning, ...] = ()

    def got(self) -> Result:
        """The value; warns of what had to be assumed.

        Raises:
            DataError: there is none.
        """
        for notice in self.notices:
            warnings.warn(notice, stacklevel=2)
        if self.problem is not None:
            raise self.problem.error()
        return self.value  # type: ignore[return-value]  # what the work gave, None included


def attempt(work: Work[Result], number: int, task: Task, version: str = __version__) -> Outcome[Result]:
    """Does a task; what is wrong with its input is a part of the outcome.

    Args:
        work: what to do.
        number: of the task.
        task: what it is about.
        version: of the program that asks for it.

    Example:
        >>> attempt(len, 3, {"a": 1, "b": 2})
        Outcome(number=3, value=2, problem=None, notices=())
    """
    if version != __version__:
        remedy = "install the same on every machine"
        problem = f"a worker has gnntrack {__version__}, this is {version}"
        return Outcome(number, problem=Problem(problem, remedy, of_machine=True))
    value, problem_ = None, None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", DataWarning)
        try:
            value = work(task)
        except DataError as error:
            problem_ = Problem.of(error)
    notices = {str(item.message): item.message for item in caught if isinstance(item.message, DataWarning)}
    return Outcome(number, value, problem_, tuple(notices.values()))
