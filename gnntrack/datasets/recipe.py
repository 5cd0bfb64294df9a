"""The data set recipe: where sequences lie, how they are split, which boxes are trained on."""

from __future__ import annotations

import hashlib
import re
import warnings
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field

from gnntrack.datasets.labelled import Labelled, label_annotations, label_detections
from gnntrack.datasets.matching import in_regions, match_identities
from gnntrack.datasets.sample import sample
from gnntrack.datasets.synthetic.detector import simulate
from gnntrack.datasets.synthetic.detector_model import find_detector
from gnntrack.datasets.synthetic.embeddings import EmbeddingSettings, with_embeddings
from gnntrack.errors import DataError, DataWarning
from gnntrack.formats.classes import of_classes, with_classes
from gnntrack.formats.raw import Confidence, Content, OnError, ReadingOptions
from gnntrack.formats.registry import Pair, by_name, read_all, read_pairs
from gnntrack.recipes import Settings
from gnntrack.sequence import Sequence
from gnntrack.showing import shown

BoxSource = Literal["annotations", "detections", "simulated"]
FormatName = Literal["sample", "mot", "kitti", "coco", "bdd100k", "visdrone", "yolo"]
Split = Literal["training", "validation", "test"]
Half = Literal["first", "second"]
_HALVES: dict[Split, Half | None] = {"training": "first", "validation": "second", "test": None}


class DatasetRecipe(Settings):
    """A file of ``datasets/``.

    Attributes:
        description: one line for people.
        licence: of the annotations.
        where: one line on where to get the data.
        format: ``sample`` (inside the motmetrics package) or a file format below ``root``.
        root: the data set's folder; relative to the working directory, or to ``--root``.
        training: sequences to learn from, ``[FOLDER/]NAME``; ``*``, ``?`` and ``[…]`` in names are wildcards. Those
            named under ``validation`` or ``test`` are left out.
        validation: sequences that training looks at but does not learn from.
        test: sequences for evaluation alone.
        halves: ``training`` is the first half of each of its sequences, ``validation`` the second of each of its own
            (Zhou et al., "Tracking Objects as Points", ECCV 2020), and no sequence is left out.
        boxes: what windows are made of: annotated boxes, detections matched to them, detections simulated from the
            annotations, or several of these.
        detector: the simulated detector: a shipped name or a file.
        overlap: smallest IoU of a detection and the annotation that it may match; less for detectors that box loosely.
        embeddings: made-up ones for boxes that have none (``{}``: as they are made up by default); empty: none are.
        detections: where detections lie, if not at the format's usual place.
        classes: annotated classes, by number or name, that are learned; empty: all.
        distractors: annotated classes whose detections are neither right nor wrong: they are left out.
        regions: annotated classes that mark regions where not all objects are annotated (KITTI's ``DontCare``):
            detections that lie in one by half or more, and match no object, are left out.
        frame_base: number of the first frame in the files; empty: the format's own.
        confidence: ``percent`` divides by 100; ``rescale`` maps raw detector scores to [0, 1] file by file.
        size: width and height of the pictures, for formats that do not say.
        frame_rate: frames a second, for formats that do not say.
    """

    description: str = ""
    licence: str = ""
    where: str = ""
    format: FormatName = "mot"
    root: str = ""
    training: tuple[str, ...] = ("*",)
    validation: tuple[str, ...] = ()
    test: tuple[str, ...] = ()
    halves: bool = False
    boxes: tuple[BoxSource, ...] = ("annotations",)
    detector: str = "dancetrack-yolox"
    overlap: float = Field(0.5, gt=0, lt=1)
    embeddings: EmbeddingSettings | None = None
    detections: str | None = None
    classes: tuple[int | str, ...] = ()
    distractors: tuple[int | str, ...] = ()
    regions: tuple[int | str, ...] = ()
    frame_base: Literal[0, 1] | None = None
    confidence: Confidence = "check"
    size: tuple[int, int] | None = None
    frame_rate: float | None = None

    def options(self, sequences: tuple[str, ...] = ()) -> ReadingOptions:
        """How the recipe's files are read."""
        return ReadingOptions(
            frame_base=self.frame_base,
            confidence=self.confidence,
            detections=self.detections,
            size=self.size,
            frame_rate=self.frame_rate,
            sequences=sequences,
        )


def read(recipe: DatasetRecipe, name: str, content: Content) -> Sequence:
    """One sequence of the recipe, whole; annotations keep only the recipe's classes.

    Args:
        recipe: where to look.
        name: ``[FOLDER/]NAME``.
        content: what to read.

    Raises:
        DataError: there is no such sequence.
    """
    if recipe.format == "sample":
        return sample(name, content)
    place, wanted = _place(recipe, name)
    for sequence in read_all(place, content, recipe.options((wanted,)), by_name(recipe.format)):
        return with_classes(sequence, recipe.classes) if content == "annotations" else sequence
    raise DataError(f"no {content} of sequence {shown(name)}", remedy="check root and name in the recipe", path=place)


def read_labelled(recipe: DatasetRecipe, split: Split) -> list[Labelled]:
    """The labelled boxes of all sequences of a split, once for every kind in ``recipe.boxes``.

    Args:
        recipe: where to look and what to keep.
        split: ``training``, ``validation`` or ``test``; one that names no sequence is empty.

    Raises:
        DataError: the split names sequences, but none of them is there.
    """
    return list(iterate_labelled(recipe, split))


def iterate_labelled(recipe: DatasetRecipe, split: Split) -> Iterator[Labelled]:
    """The same, one by one, so that memory holds a single sequence."""
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


def read_options(
    recipe: DatasetRecipe | None,
    on_error: OnError = "error",
    frame_base: int | None = None,
    confidence: Confidence = "check",
    size: str | None = None,
    frame_rate: float | None = None,
    sequences: Iterable[str] | None = None,
) -> ReadingOptions:
    """What a recipe says of its files, where the caller does not say otherwise.

    Args:
        recipe: the recipe, if any.
        on_error: see :class:`ReadingOptions`, as are the others.
        frame_base: number of the first frame.
        confidence: counts where it is not ``check``.
        size: ``WIDTHxHEIGHT``.
        frame_rate: frames a second.
        sequences: names.

    Raises:
        DataError: the size is not of that form.

    Example:
        >>> read_options(None, size="640x480").size
        (640, 480)
    """
    base = ReadingOptions() if recipe is None else recipe.options()
    match = None if size is None else re.fullmatch(r"(\d{1,5})[x×](\d{1,5})", size)
    if size is not None and match is None:
        raise DataError(f"size {shown(size)}", remedy="give WIDTHxHEIGHT, such as 1920x1080")
    return ReadingOptions(
        on_error=on_error,
        frame_base=base.frame_base if frame_base is None else frame_base,
        confidence=base.confidence if confidence == "check" else confidence,
        detections=base.detections,
        size=base.size if match is None else (int(match[1]), int(match[2])),
        frame_rate=frame_rate or base.frame_rate,
        sequences=tuple(sequences or ()),
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
    if recipe.format == "sample":
        yield Pair(sample(pattern, "annotations"), sample(pattern, "detections"))
        return
    place, wanted = _place(recipe, pattern)
    contents: tuple[Content, ...] = ("annotations", "detections") if "detections" in recipe.boxes else ("annotations",)
    yield from read_pairs(place, recipe.options((wanted,)), by_name(recipe.format), contents)


def _place(recipe: DatasetRecipe, pattern: str) -> tuple[Path, str]:
    """Where sequences of a pattern lie, and the pattern of their names.

    The root may be the data set's folder or already the folder of a split.
    """
    if not recipe.root:
        raise DataError("the data set recipe names no root", remedy="set root: in the recipe, or pass --root")
    root = Path(recipe.root)
    folder, _, name = pattern.rpartition("/")
    if not folder or (root / folder).exists():
        return root / folder, name
    last = Path(folder).name
    for place in (root, root.parent / last):
        if place.resolve().name == last and place.exists():
            return place, name
    if pattern in recipe.training:
        return root, name
    raise DataError(f"no folder {folder}", remedy="check root in the recipe", path=root)


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
        >>> truth = sample("TUD-Campus", "annotations")
        >>> cut(truth, "first").length, cut(truth, "second").length, int(cut(truth, "second").frames[0])
        (36, 35, 1)
    """
    if sequence is None:
        return None
    middle = sequence.length // 2 + 1
    first = sequence.frames <= middle
    rows, shift = (first, 0) if half == "first" else (~first, middle)
    length = middle if half == "first" else sequence.length - middle
    boxes = sequence.boxes[rows]
    embeddings = None if sequence.embeddings is None else sequence.embeddings[rows]
    return Sequence(
        sequence.name,
        boxes.assign(frame=boxes["frame"] - shift),
        sequence.width,
        sequence.height,
        sequence.frame_rate,
        max(length, 0),
        embeddings,
        sequence.classes,
    )
