"""A folder of one's own annotated videos as a data set, without a recipe: some videos are held out."""

from __future__ import annotations

import warnings
from collections.abc import Sequence as List
from fnmatch import fnmatchcase
from pathlib import Path

from gnntrack.datasets.labelled import Labelled
from gnntrack.datasets.recipe import DatasetRecipe
from gnntrack.datasets.splits import labelled
from gnntrack.errors import DataError, DataWarning
from gnntrack.formats.registry import find_format
from gnntrack.reading import iterate
from gnntrack.showing import shown

#: Of as many videos one is held out.
ONE_OF = 4


def labelled_folder(path: Path, held_out: List[str] = ()) -> tuple[list[Labelled], list[Labelled]]:
    """The labelled videos of a folder: those that are learned from, and those that are held out.

    Boxes are the detections; of a video without, simulated ones.

    Args:
        path: sequences in any format; those without annotations are left out, with a warning.
        held_out: names of videos, or patterns; empty: see :func:`usual_choice`.

    Raises:
        DataError: no video has annotations, none is left to learn from, or a pattern names none.
    """
    format_ = find_format(path)[0]
    found: dict[str, list[Labelled]] = {}
    for pair in iterate(path, "pairs", format=format_):
        if pair.annotations is None:
            name = "" if pair.detections is None else pair.detections.name
            warnings.warn(f"{name}: no annotations; left out", DataWarning, stacklevel=2)
            continue
        if pair.detections is None:
            text = f"{pair.annotations.name}: no detections; what is learned from is simulated from its annotations"
            warnings.warn(text, DataWarning, stacklevel=2)
        recipe = DatasetRecipe(boxes=("simulated",) if pair.detections is None else ("detections",))
        found[pair.annotations.name] = list(labelled(recipe, pair))
    if not found:
        raise DataError("no annotated video", remedy="put annotations beside the detections", path=path)
    for pattern in held_out:
        if not any(fnmatchcase(name, pattern) for name in found):
            raise DataError(f"--held-out {shown(pattern)}", remedy=f"found {', '.join(list(found)[:8])}", path=path)
    chosen = [name for name in found if any(fnmatchcase(name, pattern) for pattern in held_out)]
    chosen = chosen if held_out else usual_choice(list(found))
    if len(chosen) == len(found):
        raise DataError("every video is held out", remedy="leave some to learn from", path=path)
    training = [item for name, items in found.items() if name not in chosen for item in items]
    return training, [item for name in chosen for item in found[name]]


def usual_choice(names: List[str]) -> list[str]:
    """Every fourth video; the last of two or three; none of a single one.

    Example:
        >>> usual_choice("abcdefghi"), usual_choice("ab"), usual_choice("a")
        (['d', 'h'], ['b'], [])
    """
    return list(names[ONE_OF - 1 :: ONE_OF] or names[1:][-1:])
