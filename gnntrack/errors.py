"""The one exception, and the one warning, that input can cause."""

from __future__ import annotations

from os import PathLike

from gnntrack.showing import printable


class DataError(ValueError):
    """Input that cannot be used: one line that says where, what and what to do.

    Args:
        problem: what is wrong, with the offending value.
        remedy: what the user can do about it.
        path: the file that holds the problem.
        line: its line in that file, counted from 1.

    Example:
        >>> str(DataError("width is -3", remedy="drop it with --on-error skip", path="gt.txt", line=7))
        'gt.txt:7: width is -3; drop it with --on-error skip'
    """

    def __init__(
        self,
        problem: str,
        *,
        remedy: str = "",
        path: str | PathLike[str] | None = None,
        line: int | None = None,
    ) -> None:
        where = "" if path is None else f"{path}: " if line is None else f"{path}:{line}: "
        super().__init__(_one_line(f"{where}{problem}; {remedy}" if remedy else f"{where}{problem}"))
        self.problem, self.remedy, self.path, self.line = problem, remedy, path, line


class MachineError(DataError):
    """The same, where other input would fare no better: a full disk, a package that is not installed."""


class FailedTasksError(DataError):
    """Some of many sequences failed; a traceback lists them.

    Args:
        problem: how many.
        remedy: what became of the others.
        errors: what is wrong with each.
    """

    def __init__(self, problem: str, *, remedy: str, errors: list[DataError]) -> None:
        super().__init__(problem, remedy=remedy)
        self.errors = errors
        for line in self.listed():
            self.add_note(line)

    def listed(self, most: int = 20) -> list[str]:
        """What is wrong with each, a line each, and how many more there are."""
        lines = [f"failed: {error}" for error in self.errors[:most]]
        return lines + [f"… and {len(self.errors) - most} more"] * (len(self.errors) > most)


class DataWarning(UserWarning):
    """Input that could be used after an assumption, which the warning names."""

    def __init__(self, text: str = "") -> None:
        super().__init__(_one_line(text))


def _one_line(text: str) -> str:
    """The text in one line without anything that a terminal obeys, whatever the values in it held."""
    return printable(" ".join(str(text).split()))
