"""Which files of a folder are finished while others are still written, so that a killed run goes on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from gnntrack.errors import DataError
from gnntrack.files import write_text
from gnntrack.loaders.json_text import parse_json
from gnntrack.outputs.manifest import JOURNAL
from gnntrack.recipes import SettingsType, parse
from gnntrack.remote import is_remote

#: Seconds after which the lines for a remote folder are put there; a killed run has lost what came later.
EVERY = 5.0


class Journal:
    """A line for each finished file: at once in a file, or every few seconds in an object of its own.

    Args:
        folder: whose files.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._lines, self._put = folder, list[str](), time.monotonic()
        self._number = len(journal_parts(folder))

    def add(self, line: str) -> None:
        """Notes a line."""
        line += "\n"
        if not is_remote(self._folder):
            with (self._folder / JOURNAL).open("a", encoding="utf-8") as file:
                file.write(line)
            return
        self._lines.append(line)
        if time.monotonic() - self._put > EVERY:
            write_text(self._folder / f"{JOURNAL}.{self._number:06d}", "".join(self._lines))
            self._number += 1
            self._lines, self._put = [], time.monotonic()


def journal_parts(folder: Path) -> list[Path]:
    """The files of a journal, in order."""
    if is_remote(folder):
        return [path for path in folder.iterdir() if path.name.startswith(JOURNAL)] if folder.is_dir() else []
    return [folder / JOURNAL]


def read_journal(folder: Path, schema: type[SettingsType]) -> Iterator[SettingsType]:
    """What a killed run had finished; its last line may be cut off."""
    for path in journal_parts(folder):
        with suppress(OSError):
            for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
                with suppress(DataError):
                    content = parse_json(line, path)
                    if isinstance(content, dict):
                        yield parse(content, schema)


def remove_journal(folder: Path) -> None:
    """Deletes it."""
    for path in journal_parts(folder):
        path.unlink(missing_ok=True)
