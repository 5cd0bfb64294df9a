"""What was assumed of many sequences, in few lines."""

from __future__ import annotations

from collections.abc import Iterable

from gnntrack.errors import DataWarning
from gnntrack.showing import listed, shown


class NoBoxes(DataWarning):
    """A sequence has boxes, but none of the classes that are wanted.

    Args:
        sequence: its name.
        wanted: the classes, as the user names them.
        found: the classes that its boxes have.
    """

    def __init__(self, sequence: str, wanted: tuple[str, ...], found: tuple[str, ...]) -> None:
        super().__init__(f"{sequence}: no box of class {_names(wanted)}; its boxes are of class {listed(found)}")
        self.sequence, self.wanted, self.found = sequence, wanted, found

    def __reduce__(self) -> tuple[type[NoBoxes], tuple[str, tuple[str, ...], tuple[str, ...]]]:
        return type(self), (self.sequence, self.wanted, self.found)


def told(notices: Iterable[DataWarning]) -> list[str]:
    """The lines of warnings, each once: what several sequences lack is one line, where the first of them was.

    Example:
        >>> told([NoBoxes("a", ("van",), ("car",)), DataWarning("b: slow"), NoBoxes("c", ("van",), ("bus", "car"))])
        ["no box of class 'van' in 2 sequences (a, c); their boxes are of class car, bus", 'b: slow']
        >>> told([NoBoxes("a", ("van",), ("car",))] * 2)
        ["a: no box of class 'van'; its boxes are of class car"]
    """
    groups: dict[object, list[DataWarning]] = {}
    for notice in notices:
        groups.setdefault(notice.wanted if isinstance(notice, NoBoxes) else str(notice), []).append(notice)
    return [_line(group) for group in groups.values()]


def _line(group: list[DataWarning]) -> str:
    lacking = [notice for notice in group if isinstance(notice, NoBoxes)]
    names = list(dict.fromkeys(notice.sequence for notice in lacking))
    if len(names) < 2:
        return str(group[0])
    found = list(dict.fromkeys(name for notice in lacking for name in notice.found))
    where = f"{len(names)} sequences ({listed(names)})"
    text = f"no box of class {_names(lacking[0].wanted)} in {where}; their boxes are of class {listed(found)}"
    return str(DataWarning(text))


def _names(wanted: tuple[str, ...]) -> str:
    return ", ".join(map(shown, wanted))
