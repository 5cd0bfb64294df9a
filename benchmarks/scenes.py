"""The videos that trackers are measured on: detections that all of them see, annotations that count."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from gnntrack.datasets.synthetic.detector import simulate
from gnntrack.datasets.synthetic.detector_model import DetectorModel
from gnntrack.evaluation.benchmarks import BENCHMARKS, prepare
from gnntrack.formats.options import ReadingOptions
from gnntrack.reading import iterate
from gnntrack.sequence import Sequence

#: Detections below are shown to no tracker.
MINIMUM_CONFIDENCE = 0.1
#: What :func:`disturbed` does: share of detections that it drops, and how far it moves the others, in box sizes.
DROPPED, MOVED = 0.02, 0.008
DETECTORS = Path(__file__).parent.parent / "datasets"
#: Share of that in slight copies.
SLIGHT = 0.2


@dataclass(frozen=True)
class Scene:
    """A video: what trackers see of it, and what is true."""

    truth: Sequence
    detections: Sequence


@dataclass(frozen=True)
class Scenes:
    """The videos of a data set, and the rules that they are scored by (:mod:`gnntrack.evaluation.benchmarks`)."""

    name: str
    benchmark: str
    scenes: dict[str, Scene]
    note: str = ""

    def pairs(self, tracks: dict[str, Sequence]) -> dict[str, tuple[Sequence, Sequence]]:
        """Annotations and tracks side by side, as evaluation takes them."""
        return {name: (scene.truth, tracks[name]) for name, scene in self.scenes.items()}

    def counted(self, name: str) -> Sequence:
        """The annotations of a video that count."""
        truth = self.scenes[name].truth
        return prepare(truth, truth, BENCHMARKS[self.benchmark]).truth


def read_scenes(name: str, entry: dict[str, Any], root: Path, wanted: list[str] | None = None) -> Scenes:
    """Reads a data set of ``tracking.yaml``.

    Args:
        name: the data set's.
        entry: what ``tracking.yaml`` says of it.
        root: the folder that holds all data sets.
        wanted: names or patterns of sequences instead of the entry's own.
    """
    path = root / entry["path"]
    scenes = {}
    patterns = wanted or entry["sequences"]
    pairs = _simulated(path, entry["simulated"], patterns) if "simulated" in entry else _read(path, entry, patterns)
    for truth, detections in pairs:
        if "class" in entry:
            truth, detections = (_of_class(boxes, entry["class"]) for boxes in (truth, detections))
        confident = detections.take(detections.boxes["conf"].to_numpy() >= MINIMUM_CONFIDENCE)
        if len(truth):
            length = max(truth.length, detections.length)
            scenes[truth.name] = Scene(replace(truth, length=length), replace(confident, length=length))
    return Scenes(name, entry.get("benchmark", "custom"), scenes, entry.get("note", ""))


def disturbed(scenes: Scenes, number: int, share: float = 1.0) -> Scenes:
    """The same videos, but for :data:`DROPPED` of the detections and for hundredths of a box: copy ``number``, 0 as is.

    Single decisions weigh much in tracking: a setting should be better on copies as well.

    Args:
        scenes: of a data set.
        number: of the copy.
        share: of the disturbance.
    """
    if not number:
        return scenes
    copies = {}
    for name, scene in scenes.scenes.items():
        rng = np.random.default_rng(number)
        detections = scene.detections.take(rng.random(len(scene.detections)) >= share * DROPPED)
        size = detections.boxes[["w", "h"]].to_numpy()
        corner = detections.boxes[["x", "y"]].to_numpy() + rng.normal(0, share * MOVED, size.shape) * size
        boxes = detections.boxes.assign(x=corner[:, 0], y=corner[:, 1])
        copies[name] = replace(scene, detections=replace(detections, boxes=boxes))
    return replace(scenes, scenes=copies)


def _simulated(path: Path, entry: dict[str, Any], wanted: list[str]) -> list[tuple[Sequence, Sequence]]:
    """Annotations of any class up to a frame, and what a simulated detector gives."""
    model = DetectorModel.model_validate_json((DETECTORS / entry["model"]).read_text())
    pairs = []
    for found in iterate(path, "annotations", ReadingOptions(sequences=tuple(wanted))):
        part = found.take(found.frames <= entry["frames"])
        truth = replace(part, boxes=part.boxes.assign(class_id=1, conf=1.0), length=min(found.length, entry["frames"]))
        pairs.append((truth, simulate(truth, model, entry["seed"])))
    return pairs


def _read(path: Path, entry: dict[str, Any], wanted: list[str]) -> list[tuple[Sequence, Sequence]]:
    options = ReadingOptions(detections=entry["detections"], sequences=tuple(wanted))
    pairs = iterate(path, "pairs", options)
    both = ((pair.annotations, pair.detections) for pair in pairs)
    return [(truth, found) for truth, found in both if truth is not None and found is not None]


def _of_class(boxes: Sequence, name: str) -> Sequence:
    numbers = [number for number, label in boxes.classes.items() if label == name]
    return boxes.take(np.isin(boxes.boxes["class_id"].to_numpy(), numbers))
