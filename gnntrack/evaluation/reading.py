"""Reading what is scored, as tasks: annotations of a place, results of a place, one result file of a video."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from gnntrack.errors import DataError
from gnntrack.evaluation.pair_types import Truth
from gnntrack.formats.classes import chosen_classes
from gnntrack.formats.format import Format, Place, raise_it
from gnntrack.formats.options import Content, ReadingOptions
from gnntrack.formats.registry import find_format
from gnntrack.reading import read_place
from gnntrack.sequence import Sequence
from gnntrack.tasks.outcome import Task

#: Formats whose length of a video results must keep to.
_LENGTH_COUNTS = ("mot", "sample")


def place_tasks(root: Path, content: Content, options: ReadingOptions, format_: Format) -> list[Task]:
    """A task for each place of a content that is wanted; no place at all is none."""
    wanted = [
        place for place in format_.places(root, content, options) if place.name is None or options.wants(place.name)
    ]
    return [{"about": str(place.path), "place": place, "options": options, "format": format_.name} for place in wanted]


def truths_of(task: Task) -> list[Truth]:
    """The annotations of a place; ``task`` is of :func:`place_tasks`, with the ``classes`` that will count.

    Raises:
        DataError: one that counts has no identity, or there is no such class.
    """
    place, format_, classes = _place(task)
    found = []
    for raw in format_.sequences(place, "annotations", task["options"], raise_it):
        truth = raw.check()
        chosen_classes(truth, classes)
        raw.require_identities(classes)
        length = raw.info.length if format_.name in _LENGTH_COUNTS else 0
        found.append(Truth(truth, np.unique(truth.frames), length, format_.name))
    return found


def tracks_of(task: Task) -> list[Sequence]:
    """The results of a place; ``task`` is of :func:`place_tasks`."""
    place, format_, _ = _place(task)
    with about_results():
        return list(read_place(place, "tracks", task["options"], format_))


def _place(task: Task) -> tuple[Place, Format, tuple[str, ...]]:
    return task["place"], find_format(task["place"].path, task["format"])[0], task.get("classes", ())


@contextmanager
def about_results(base_option: str = "--pred-frame-base") -> Iterator[None]:
    """Lets errors name the option that is about results."""
    try:
        yield
    except DataError as error:
        remedy = error.remedy.replace("--frame-base", base_option)
        raise DataError(error.problem, remedy=remedy, path=error.path, line=error.line) from None
