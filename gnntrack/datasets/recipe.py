"""The data set recipe: where sequences lie, how they are split, which boxes are trained on."""

from __future__ import annotations

import fnmatch
from pathlib import Path
from typing import Literal

from gnntrack.datasets.labelled import Labelled, label_annotations, label_detections
from gnntrack.datasets.motchallenge import Confidence, Content, ReadOptions, find_folders, read_folder
from gnntrack.datasets.sample import sample
from gnntrack.errors import DataError
from gnntrack.recipes import Settings
from gnntrack.sequence import Sequence

BoxSource = Literal["annotations", "detections"]


class DatasetRecipe(Settings):
    """A file of ``datasets/``.

    Attributes:
        description: one line for people.
        format: ``sample`` (inside the motmetrics package) or ``motchallenge`` (folders below ``root``).
        root: the folder that holds the sequence folders; relative to the working directory.
        training: names of training sequences; ``*`` and ``?`` are wildcards.
        validation: names of sequences that training looks at but does not learn from.
        test: names of sequences for evaluation alone.
        boxes: what windows are made of: annotated boxes, detections matched to them, or both.
        detections: the detection file inside a sequence folder.
        classes: annotated classes that are learned; empty: all.
        frame_base: number of the first frame in the files.
        confidence: ``rescale`` maps raw detector scores to [0, 1] file by file.
    """

    description: str = ""
    format: Literal["sample", "motchallenge"] = "motchallenge"
    root: str = ""
    training: tuple[str, ...] = ("*",)
    validation: tuple[str, ...] = ()
    test: tuple[str, ...] = ()
    boxes: tuple[BoxSource, ...] = ("annotations",)
    detections: str = "det/det.txt"
    classes: tuple[int, ...] = ()
    frame_base: Literal[0, 1] = 1
    confidence: Confidence = "check"


def sequence_names(recipe: DatasetRecipe, patterns: tuple[str, ...]) -> list[str]:
    """The names of the recipe's sequences that match.

    Raises:
        DataError: a pattern matches nothing; the message lists what is there.
    """
    if recipe.format == "sample":
        return list(patterns)
    names = [folder.resolve().name for folder in find_folders(_root(recipe))]
    found = []
    for pattern in patterns:
        matching = fnmatch.filter(names, pattern)
        if not matching:
            raise DataError(f"no sequence {pattern!r}", remedy=f"found {', '.join(names)}", path=recipe.root)
        found += [name for name in matching if name not in found]
    return found


def read(recipe: DatasetRecipe, name: str, content: Content) -> Sequence:
    """One sequence of the recipe; annotations keep only the recipe's classes."""
    if recipe.format == "sample":
        return sample(name, content)
    options = ReadOptions(frame_base=recipe.frame_base, confidence=recipe.confidence)
    file = recipe.detections if content == "detections" else None
    sequence = read_folder(_root(recipe) / name, content, options, file)
    if content == "annotations" and recipe.classes:
        return sequence.take(sequence.boxes["class_id"].isin(recipe.classes).to_numpy())
    return sequence


def read_labelled(recipe: DatasetRecipe, patterns: tuple[str, ...]) -> list[Labelled]:
    """The labelled boxes of all sequences that match, once for every kind in ``recipe.boxes``."""
    result = []
    for name in sequence_names(recipe, patterns):
        annotations = read(recipe, name, "annotations")
        if "annotations" in recipe.boxes:
            result.append(label_annotations(annotations))
        if "detections" in recipe.boxes:
            result.append(label_detections(read(recipe, name, "detections"), annotations))
    return result


def _root(recipe: DatasetRecipe) -> Path:
    if not recipe.root:
        raise DataError("the data set recipe names no root", remedy="set root: in the recipe, or pass --root")
    return Path(recipe.root)
