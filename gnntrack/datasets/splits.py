"""The sequences of a recipe's split, their boxes labelled for training."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Literal

import numpy as np

from gnntrack.datasets.labelled import Labelled, label_annotations, label_detections
from gnntrack.datasets.matching import in_regions, match_identities
from gnntrack.datasets.recipe import DatasetRecipe, Split
from gnntrack.datasets.synthetic.detector import find_detector, simulate
from gnntrack.datasets.synthetic.embeddings import with_embeddings
from gnntrack.errors import DataError, DataWarning
from gnntrack.formats.classes import of_classes, with_classes
from gnntrack.formats.options import Content
from gnntrack.reading import Pair, iterate
from gnntrack.sequence import Sequence
from gnntrack.showing import shown

Half = Literal["first", "second"]
_HALVES: dict[Split, Half | None] = {"training": "first", "validation": "second", "test": None}


def find_sequence(recipe: DatasetRecipe, name: str, content: Content) -> Sequence:
    """One sequence of the recipe, whole; annotations keep only the recipe's classes.

    Args:
        recipe: where to look.
        name: ``[FOLDER/]NAME``.
        content: what to read.

    Raises:
        DataError: there is no such sequence.
    """
    place, wanted = recipe.place(name)
    for sequence in iterate(place, content, recipe.options((wanted,)), recipe.format):
        return with_classes(sequence, recipe.classes) if content == "annotations" else sequence
    raise DataError(f"no {content} of sequence {shown(name)}", remedy="check root and name in the recipe", path=place)


def labelled_split(recipe: DatasetRecipe, split: Split) -> Iterator[Labelled]:
    """The labelled boxes of all sequences of a split, once for every kind in ``recipe.boxes``, one by one.

    Args:
        recipe: where to look and what to keep.
        split: ``training``, ``validation`` or ``test``; one that names no sequence is empty.

    Raises:
        DataError: the split names sequences, but none of them is there.
    """
    patterns: tuple[str, ...] = getattr(recipe, split)
    found = False
    for pattern in patterns:
        count = 0
        for pair in _pairs(recipe, pattern):
            if pair.annotations is None or (split == "training" and _held_out(recipe, pair.annotations.name)):
                continue
            count += 1
            yield from labelled(recipe, _halved(pair, _HALVES[split] if recipe.halves else None))
        found |= count > 0
        if not count:
            warnings.warn(f"no annotated sequence {shown(pattern)} in {recipe.root}", DataWarning, stacklevel=2)
    if patterns and not found:
        raise DataError(
            f"no sequence {' or '.join(map(shown, patterns[:8]))}",
            remedy="check root, --root and names",
            path=recipe.root,
        )


def labelled(recipe: DatasetRecipe, pair: Pair) -> Iterator[Labelled]:
    """The boxes of one video that the recipe wants, as it wants them."""
    for number, item in enumerate(_labelled(recipe, pair)):
        wanted = recipe.embeddings
        yield item if wanted is None else with_embeddings(item, wanted, _seed(item.sequence.name) + number)


def _seed(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4])


def _labelled(recipe: DatasetRecipe, pair: Pair) -> Iterator[Labelled]:
    assert pair.annotations is not None
    truth = with_classes(pair.annotations, recipe.classes)
    if "annotations" in recipe.boxes:
        yield label_annotations(truth)
    if "simulated" in recipe.boxes:
        found = simulate(truth, find_detector(recipe.detector), _seed(truth.name))
        yield label_detections(found, truth, recipe.overlap)
    if "detections" in recipe.boxes and pair.detections is None:
        warnings.warn(f"{truth.name}: no detections", DataWarning, stacklevel=2)
    elif "detections" in recipe.boxes and pair.detections is not None:
        detections = pair.detections
        if recipe.distractors:
            everything = pair.annotations
            rows = of_classes(everything, recipe.distractors)
            marked = everything.with_ids(np.where(rows, 1, 0) * (len(everything) + 1) + np.arange(len(everything)))
            labels = match_identities(detections, marked)
            detections = detections.take(labels <= len(everything))
        item = label_detections(detections, truth, recipe.overlap)
        if recipe.regions:
            regions = pair.annotations.take(of_classes(pair.annotations, recipe.regions))
            item = item.take((item.identity >= 0) | ~in_regions(detections, regions))
        yield item


def _pairs(recipe: DatasetRecipe, pattern: str) -> Iterator[Pair]:
    place, wanted = recipe.place(pattern)
    options = recipe.options((wanted,))
    if "detections" in recipe.boxes:
        yield from iterate(place, "pairs", options, recipe.format)
    else:
        yield from (Pair(truth, None) for truth in iterate(place, "annotations", options, recipe.format))


def _held_out(recipe: DatasetRecipe, name: str) -> bool:
    """Whether a sequence is named, without its folder, as one that is not learned from."""
    if recipe.halves:
        return False
    others = (*recipe.validation, *recipe.test)
    return any(fnmatchcase(name, pattern) for pattern in others if "/" not in pattern)


def _halved(pair: Pair, half: Half | None) -> Pair:
    return pair if half is None else Pair(cut(pair.annotations, half), cut(pair.detections, half))


def cut(sequence: Sequence | None, half: Half) -> Sequence | None:
    """The first or second half of a video; the second one's frames count from 1 again.

    The middle frame belongs to the first half, as in the ablation protocol: of 600 frames, 301 and 299.

    Example:
        >>> from gnntrack.datasets.sample import sample
        >>> truth = sample("TUD-Campus", "annotations")
        >>> cut(truth, "first").length, cut(truth, "second").length, int(cut(truth, "second").frames[0])
        (36, 35, 1)
    """
    if sequence is None:
        return None
    middle = sequence.length // 2 + 1
    if half == "first":
        return replace(sequence.take(sequence.frames <= middle), length=middle)
    return sequence.since(middle + 1)
