"""The videos that losses are compared on: teaching, choosing and testing ones, as loss_sets.yaml names them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from gnntrack.datasets.labelled import Labelled, label_detections
from gnntrack.datasets.recipe import DatasetRecipe
from gnntrack.datasets.splits import labelled
from gnntrack.datasets.synthetic import SceneSettings, make_scene, simulate
from gnntrack.datasets.synthetic.detector import find_detector
from gnntrack.reading import Pair, iterate
from gnntrack.sequence import Sequence

TABLE: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "loss_sets.yaml").read_text())
#: Frames that are taken of a teaching video, and of one that is tracked.
TAUGHT, TRACKED = 400, 200


@dataclass(frozen=True)
class VideoSet:
    """Videos of one data set; detections with identities, and the annotations beside them.

    Attributes:
        name: of the data set.
        teaching: annotated videos to learn from; takes of the seeds.
        choosing: videos on which thresholds are chosen.
        testing: videos that neither taught nor chose anything.
    """

    name: str
    teaching: list[Labelled]
    choosing: list[Labelled]
    testing: list[Labelled]

    def taught(self, count: int, seed: int) -> list[Labelled]:
        """The teaching videos of a seed; fewer where there are fewer."""
        order = np.random.default_rng([seed, 77]).permutation(len(self.teaching))
        return [self.teaching[number] for number in order[:count]]


def read_set(name: str, root: Path, teaching: list[str] | None = None, tracked: int = TRACKED) -> VideoSet:
    """Reads a data set of loss_sets.yaml.

    Args:
        name: one of :data:`TABLE`.
        root: the folder that holds all data sets.
        teaching: patterns of teaching videos instead of the table's.
        tracked: most frames of a video that is tracked.
    """
    table = (
        TABLE[name] if teaching is None else TABLE[name] | {"teaching": TABLE[name]["teaching"] | {"videos": teaching}}
    )
    lengths = {"teaching": TAUGHT, "choosing": tracked, "testing": tracked}
    parts = {part: list(read_videos(table[part], root, length)) for part, length in lengths.items()}
    return VideoSet(name, **parts)


def read_videos(entry: dict[str, Any], root: Path, length: int) -> Iterator[Labelled]:
    """The videos of an entry such as loss_sets.yaml has, one by one.

    Args:
        entry: ``form`` (keys of a data set recipe) and ``videos``, and if need be ``class``, ``every``,
            ``every_row_counts``.
        root: the folder that holds all data sets.
        length: most frames of a video.
    """
    form = {**entry["form"], "root": str(root / entry["form"]["root"]), "training": entry["videos"]}
    recipe = DatasetRecipe(**form)
    content = "pairs" if "detections" in recipe.boxes else "annotations"
    for pattern in recipe.training:
        place, wanted = recipe.place(pattern)
        for found in iterate(place, content, recipe.options((wanted,)), recipe.format):
            pair = found if isinstance(found, Pair) else Pair(found, None)
            if pair.annotations is None:
                continue
            annotations, detections = (_prepared(boxes, entry, length) for boxes in (pair.annotations, pair.detections))
            yield from labelled(recipe, Pair(annotations, detections))


def _prepared(boxes: Sequence | None, entry: dict[str, Any], length: int) -> Sequence | None:
    """The first frames that are used; of one class where the set is of one."""
    if boxes is None:
        return None
    step = entry.get("every", 1)
    frames = boxes.frames - 1
    kept = boxes.take((frames % step == 0) & (frames < step * length))
    slower = kept.boxes.assign(frame=(kept.frames - 1) // step + 1)
    kept = replace(kept, boxes=slower, frame_rate=boxes.frame_rate / step, length=min(length, -(-boxes.length // step)))
    if "class" in entry:
        numbers = [number for number, name in boxes.classes.items() if name == entry["class"]]
        kept = kept.take(np.isin(kept.boxes["class_id"].to_numpy(), numbers))
    if entry.get("every_row_counts"):
        kept = replace(kept, boxes=kept.boxes.assign(conf=1.0))
    return kept


def synthetic_video(objects: int, frames: int, seed: int) -> Labelled:
    """A synthetic scene as a detector would see it: half of the objects dance in groups, the others walk and cross."""
    settings = SceneSettings(objects=objects, frames=frames, object_height=0.12, seed=seed)
    truth = make_scene(settings, f"{objects}-{seed}")
    return label_detections(simulate(truth, find_detector("dancetrack-yolox"), seed), truth)
