"""The one exception, and the one warning, that input can cause."""

from __future__ import annotations

from os import PathLike

from gnntrack.showing import listed, printable


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
        """What is wrong with each, in at most so many lines, and how many more there are.

        The same problem of whole files or sequences is one line.
        """
        groups = _groups(self.errors)
        lines = [_together(group) for group in groups]
        left = sum(map(len, groups[most:]))
        return [f"failed: {line}" for line in lines[:most]] + [f"… and {left} more"] * (left > 0)


def joined(errors: list[DataError]) -> list[DataError]:
    """The errors; the same problem of whole files or sequences is one, which names them all.

    Example:
        >>> [str(error) for error in joined([DataError("no boxes", path="A"), DataError("no boxes", path="B")])]
        ['A, B: no boxes']
    """
    return [_together(group) for group in _groups(errors)]


def _groups(errors: list[DataError]) -> list[list[DataError]]:
    """The errors, those together that differ in their path alone."""
    groups: dict[object, list[DataError]] = {}
    for number, error in enumerate(errors):
        whole = error.path is not None and error.line is None
        groups.setdefault((error.problem, error.remedy) if whole else number, []).append(error)
    return list(groups.values())


def _together(errors: list[DataError]) -> DataError:
    """One error for those that differ in their path alone."""
    first = errors[0]
    if len(errors) == 1:
        return first
    return DataError(first.problem, remedy=first.remedy, path=listed([str(error.path) for error in errors]))


class DataWarning(UserWarning):
    """Input that could be used after an assumption, which the warning names."""

    def __init__(self, text: str = "") -> None:
        super().__init__(_one_line(text))


def _one_line(text: str) -> str:
    """The text in one line without anything that a terminal obeys, whatever the values in it held."""
    return printable(" ".join(str(text).split()))
