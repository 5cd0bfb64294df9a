"""Data that a training run has prepared, in files that a resumed run reads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from gnntrack.files import make_folder
from gnntrack.training.checkpoint import load_state, save_state


class PreparedFiles:
    """Pieces of prepared data, a few in a file that is numbered by the first of them.

    Args:
        folder: of the run; None: nothing is kept.
        description: of the run; files of another one are not read.
        claim: called with the name of every file before it is written.
    """

    def __init__(self, folder: Path | None, description: dict[str, Any], claim: Callable[[str], None]) -> None:
        self._folder, self._description, self._claim = folder, description, claim

    def paths(self, name: str) -> list[Path]:
        """The files of this name, a pattern, in order."""
        if self._folder is None:
            return []
        return sorted(self._folder.glob(f"{name}-{'[0-9]' * 6}.safetensors"))

    def read(self, name: str) -> tuple[list[Any], int]:
        """What was prepared before the run was stopped, packed, and how many pieces that is."""
        items: list[Any] = []
        done = 0
        for path in self.paths(name):
            state = load_state(path)
            if state.get("first") != done or state.get("run") != self._description:
                break
            items += state["items"]
            done = int(state["stop"])
        return items, done

    def write(self, name: str, first: int, stop: int, items: list[Any]) -> None:
        """Keeps the packed items of the pieces from ``first`` to before ``stop``."""
        if self._folder is None:
            return
        path = self._folder / f"{name}-{first:06d}.safetensors"
        self._claim(path.relative_to(self._folder).as_posix())
        make_folder(path.parent)
        save_state(path, {"run": self._description, "first": first, "stop": stop, "items": items})
