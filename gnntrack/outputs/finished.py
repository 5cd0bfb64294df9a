"""What a run that was stopped has finished in an output folder that appears as a whole."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, Generic, TypeVar

from gnntrack.errors import DataError
from gnntrack.outputs.journal import Journal, read_journal, remove_journal
from gnntrack.outputs.manifest import FileEntry, changed
from gnntrack.outputs.unfinished import OutputFolder
from gnntrack.recipes import Settings, parse

Result = TypeVar("Result", bound=Settings)
#: Size and SHA-256 of files, by their path in the folder.
Notes = dict[str, tuple[int, str]]


class _Entry(FileEntry):
    size: int
    sha256: str


class _Line(Settings):
    task: str
    files: tuple[_Entry, ...]
    result: dict[str, Any]


class FinishedTasks(Generic[Result]):
    """The tasks of an output folder, each with the files that it has written: a line of the journal each.

    Args:
        folder: that the files lie in.
        tasks: SHA-256 of what each task is made from.
        schema: of what a task gives.
        resume: whether what an earlier run has done counts.

    Attributes:
        results: what the tasks have given, by their number.
        left: the numbers of those that an earlier run had not done.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> from gnntrack.outputs.manifest import Manifest
        >>> class Counted(Settings):
        ...     boxes: int
        >>> folder = OutputFolder(Path(tempfile.mkdtemp()), None, Manifest(verb="count"))
        >>> FinishedTasks(folder, ["a1", "b2"], Counted).add(1, Counted(boxes=3), {})
        >>> later = FinishedTasks(folder, ["a1", "b2"], Counted, resume=True)
        >>> later.left, later.results
        ([0], {1: Counted(boxes=3)})
    """

    def __init__(self, folder: OutputFolder, tasks: Sequence[str], schema: type[Result], resume: bool = False) -> None:
        self._folder, self._tasks = folder, tasks
        self.results: dict[int, Result] = {}
        if resume:
            earlier = dict(self._earlier(schema))
            for number, task in enumerate(tasks):
                if task in earlier and self._there(earlier[task][1]):
                    self.results[number], entries = earlier[task]
                    folder.files |= {each.name: (each.size, each.sha256) for each in entries}
        else:
            remove_journal(folder.path)
        self._journal = Journal(folder.path)
        self.left = [number for number in range(len(tasks)) if number not in self.results]

    def add(self, place: int, result: Result, files: Notes) -> None:
        """Notes what came of the task at a place of :attr:`left`."""
        number = self.left[place]
        self.results[number] = result
        self._folder.files |= files
        entries = tuple(_Entry(name=name, size=size, sha256=sha) for name, (size, sha) in sorted(files.items()))
        line = _Line(task=self._tasks[number], files=entries, result=result.model_dump(mode="json"))
        self._journal.add(json.dumps(line.model_dump(mode="json", exclude_none=True)))

    def _earlier(self, schema: type[Result]) -> Iterator[tuple[str, tuple[Result, tuple[_Entry, ...]]]]:
        for line in read_journal(self._folder.path, _Line):
            with suppress(DataError):
                yield line.task, (parse(line.result, schema), line.files)

    def _there(self, entries: tuple[_Entry, ...]) -> bool:
        """Whether all files are there as they were written."""
        paths = [(self._folder.path / entry.name, entry) for entry in entries]
        return all(not path.is_symlink() and path.is_file() and not changed(path, entry) for path, entry in paths)
