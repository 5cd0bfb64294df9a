"""The data set recipe: where sequences lie, how they are split, which boxes are trained on."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from gnntrack.datasets.synthetic.embeddings import EmbeddingSettings
from gnntrack.errors import DataError
from gnntrack.formats.options import Confidence, ReadingOptions
from gnntrack.formats.registry import by_name
from gnntrack.recipes import Settings
from gnntrack.remote import as_path, refuse_address

BoxSource = Literal["annotations", "detections", "simulated"]
FormatName = Annotated[str, AfterValidator(lambda name: by_name(name).name)]
Split = Literal["training", "validation", "test"]


class DatasetRecipe(Settings):
    """A file of ``datasets/``.

    Attributes:
        description: one line for people.
        licence: of the annotations.
        where: one line on where to get the data.
        format: ``sample`` (inside the motmetrics package, without ``root``) or a file format below ``root``.
        root: the data set's folder; relative to the working directory, or to ``--root``.
        training: training sequences, ``[FOLDER/]NAME``; ``*``, ``?`` and ``[…]`` in names are wildcards. Those
            named under ``validation`` or ``test`` are left out.
        validation: sequences that training is validated on but does not learn from.
        test: sequences for evaluation alone.
        halves: ``training`` is the first half of each of its sequences, ``validation`` the second of each of its own
            (Zhou et al., "Tracking Objects as Points", ECCV 2020), and no sequence is left out.
        boxes: what windows are made of: annotated boxes, detections matched to them, detections simulated from the
            annotations, or several of these.
        detector: the simulated detector: a shipped name or a file.
        overlap: smallest IoU of a detection and the annotation that it may match; less for detectors that box loosely.
        embeddings: appearance vectors drawn for boxes that have none (``{}``: by default settings); empty: none are.
        detections: where detections lie, if not at the format's usual place.
        classes: annotated classes, by number or name, that are learned; empty: all.
        distractors: annotated classes whose detections are neither true nor false: they are left out.
        regions: annotated classes that mark regions where not all objects are annotated (KITTI's ``DontCare``):
            detections that lie in one by half or more, and match no object, are left out.
        frame_base: number of the first frame in the files; empty: the format's own.
        confidence: ``percent`` divides by 100; ``rescale`` maps raw detector scores to [0, 1] file by file.
        size: width and height of the images, for formats that do not say.
        frame_rate: frames a second, for formats that do not say.
    """

    description: str = ""
    licence: str = ""
    where: str = ""
    format: FormatName = "mot"
    root: Annotated[str, AfterValidator(partial(refuse_address, what="the data set recipe"))] = ""
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

    def place(self, pattern: str) -> tuple[Path, str]:
        """Where sequences of a pattern lie, and the pattern of their names.

        The root may be the data set's folder or already the folder of a split.

        Raises:
            DataError: the recipe names no root, or there is no such folder.
        """
        if self.format == "sample":
            return Path("sample"), pattern
        if not self.root:
            raise DataError("the data set recipe names no root", remedy="set root: in the recipe, or pass --root")
        root = as_path(self.root)  # an address comes from --root: the recipe itself cannot name one
        folder, _, name = pattern.rpartition("/")
        if not folder or (root / folder).exists():
            return root / folder, name
        last = Path(folder).name
        for place in (root, root.parent / last):
            if place.resolve().name == last and place.exists():
                return place, name
        if pattern in self.training:
            return root, name
        raise DataError(f"no folder {folder}", remedy="check root in the recipe", path=root)
