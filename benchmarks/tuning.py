"""Search for the settings of a tracker that score best, one parameter at a time; what was tried is kept on disk."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gnntrack.files import write_text

Settings = dict[str, Any]


def coordinate_search(
    score: Callable[[Settings], float], start: Settings, values: dict[str, list[Any]], sweeps: int = 3
) -> tuple[Settings, float, int]:
    """Tries all values of one parameter after another, keeps the best, and sweeps again while that helps.

    Args:
        score: higher is better.
        start: a value for every parameter of ``values``.
        values: the values to try, parameter by parameter.
        sweeps: rounds over all parameters, at most.

    Returns:
        The best settings, their score and how many different settings were tried.

    Example:
        >>> score = lambda settings: settings["a"] * settings["b"]
        >>> coordinate_search(score, {"a": 1, "b": 1}, {"a": [1, 2, 3], "b": [1, 2]})
        ({'a': 3, 'b': 2}, 6, 6)
    """
    tried: dict[str, float] = {}

    def scored(settings: Settings) -> float:
        key = json.dumps(settings, sort_keys=True)
        if key not in tried:
            tried[key] = score(settings)
        return tried[key]

    best, highest = dict(start), scored(start)
    for _ in range(sweeps):
        before = highest
        for name, options in values.items():
            for value in options:
                candidate = best | {name: value}
                if scored(candidate) > highest:
                    best, highest = candidate, scored(candidate)
        if highest <= before:
            break
    return best, highest, len(tried)


class Cache:
    """Scores by key in a JSON file, written after each new one; without a path, in memory."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.scores: dict[str, float] = {}
        if path is not None and path.is_file():
            self.scores = json.loads(path.read_text())

    def get(self, key: str, compute: Callable[[], float]) -> float:
        """The score under ``key``, computed if it is new."""
        if key not in self.scores:
            self.scores[key] = compute()
            if self.path is not None:
                write_text(self.path, json.dumps(self.scores, indent=0) + "\n", durable=False)
        return self.scores[key]
