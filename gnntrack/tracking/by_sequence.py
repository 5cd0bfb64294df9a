"""Tracking as tasks of plain values: one looks at a place where boxes lie, another tracks them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from gnntrack.association.rounding import Rounding
from gnntrack.content_hash import content_hash
from gnntrack.errors import DataError, MachineError
from gnntrack.files import noting
from gnntrack.formats.format import Place
from gnntrack.formats.options import ReadingOptions
from gnntrack.formats.registry import find_format
from gnntrack.formats.track_files import TrackFormat, track_file, write_track_file
from gnntrack.loaders.json_text import parse_json
from gnntrack.models import ModelRecipe, load_for_tracking
from gnntrack.models.weights_file import find_weights
from gnntrack.outputs.manifest import digest
from gnntrack.reading import read_place
from gnntrack.recipes import parse
from gnntrack.sequence import DETECTION, Sequence
from gnntrack.tasks.outcome import Task
from gnntrack.tracking.class_groups import Classes, ClassGroups
from gnntrack.tracking.offline import track_offline
from gnntrack.tracking.online_sequence import track_online
from gnntrack.tracking.pretrained import source_of


@dataclass(frozen=True)
class TrackSettings:
    """How sequences are tracked, in plain values.

    Attributes:
        weights: a shipped name or a path.
        weights_hash: SHA-256 of the file.
        recipe: tracking settings among others, as JSON.
        mode: frame by frame, or with the whole video.
        lag: see :func:`gnntrack.tracking.track_online`.
        lost: likewise.
        rounding: likewise.
        classes: likewise.
        to: the form of the files.
        several_classes: whether MOTChallenge's form says classes.
    """

    weights: str
    weights_hash: str
    recipe: str
    mode: Literal["online", "offline"] = "online"
    lag: int = 0
    lost: bool = False
    rounding: Rounding | None = None
    classes: Classes = "together"
    to: TrackFormat = "mot"
    several_classes: bool = False

    @classmethod
    def of(cls, weights: str | Path, recipe: ModelRecipe, **others: Any) -> TrackSettings:
        """Settings with weights and what is read with them, perhaps changed."""
        return cls(source_of(weights), digest(find_weights(weights))[1], recipe.model_dump_json(), **others)

    def plain(self) -> dict[str, Any]:
        """What the result depends on, for a manifest: where the weights lie does not matter."""
        values = {name: value for name, value in vars(self).items() if name != "weights"}
        classes = self.classes if isinstance(self.classes, str) else [list(group) for group in self.classes]
        return values | {"recipe": parse_json(self.recipe), "classes": classes}


@dataclass(frozen=True)
class Examined:
    """What is known of a sequence before it is tracked.

    Attributes:
        name: of the sequence.
        hash: of its boxes, see :func:`content_hash`.
        boxes: how many.
        frames: how many.
        kinds: classes of its boxes.
    """

    name: str
    hash: str
    boxes: int
    frames: int
    kinds: frozenset[int]


@dataclass(frozen=True)
class Tracked:
    """What came of a sequence.

    Attributes:
        name: of the sequence.
        summary: a line for people.
        size: of its file, bytes.
        sha256: of its file.
        tracks: themselves, where one file holds those of all sequences.
    """

    name: str
    summary: str
    size: int = 0
    sha256: str = ""
    tracks: Sequence | None = None


def place_task(place: Place, options: ReadingOptions, format_: str) -> Task:
    """A place in plain values."""
    of_place = {"about": str(place.path), "place": place.path, "name": place.name, "length": place.length}
    return {**of_place, "options": options, "format": format_}


def sequences_of(task: Task) -> list[Sequence]:
    """The detections of a place."""
    place = Place(task["place"], task["name"], task["length"])
    format_ = find_format(place.path, task["format"])[0]
    return list(read_place(place, "detections", task["options"], format_))


def examine(task: Task) -> list[Examined]:
    """Reads the sequences of a place; ``task`` is of :func:`place_task`, with ``classes``."""
    found = []
    for boxes in sequences_of(task):
        ClassGroups.of(task["classes"], boxes.classes)
        kinds = frozenset(boxes.boxes["class_id"].unique().tolist())
        found.append(Examined(boxes.name, content_hash(boxes), len(boxes), boxes.length, kinds))
    return found


def track_place(task: Task) -> list[Tracked]:
    """Tracks the sequences of a place, and writes a file each.

    Args:
        task: of :func:`place_task`, with ``settings``, the ``output`` folder, and the names that are ``wanted`` with
            the hash of each.
    """
    settings: TrackSettings = task["settings"]
    output, wanted = task["output"], task["wanted"]
    model, recipe = _model(settings.weights, settings.weights_hash, settings.recipe)
    done = []
    for boxes in sequences_of(task):
        if boxes.name not in wanted:
            continue
        if content_hash(boxes) != wanted[boxes.name]:
            raise DataError("changed while it was tracked", remedy="run it again", path=task["place"])
        if settings.mode == "online":
            tracks = track_online(
                boxes, model, recipe, settings.rounding, settings.lag, settings.classes, settings.lost
            )
        else:
            tracks = track_offline(boxes, model, recipe, settings.rounding, classes=settings.classes)
        result = Tracked(boxes.name, summary(boxes, tracks, settings.lost))
        if settings.to == "coco":
            done.append(replace(result, tracks=tracks))
            continue
        path = track_file(output, boxes.name, settings.to)
        with noting() as notes:
            write_track_file(path, [tracks], settings.to, settings.several_classes, settings.lost)
        ((size, sha256),) = notes.values()
        done.append(replace(result, size=size, sha256=sha256))
    return done


def summary(boxes: Sequence, tracks: Sequence, lost: bool) -> str:
    """What became of the boxes of a sequence, for people."""
    dropped = f", {boxes.skipped} rows without a size dropped" if boxes.skipped else ""
    added = int((tracks.boxes[DETECTION] < 0).sum()) if DETECTION in tracks.boxes else 0
    filled = f", {added} {'where tracks were lost' if lost else 'interpolated'}" if added else ""
    return f"{tracks.boxes['id'].nunique()} tracks, {len(tracks) - added} of {len(boxes)} boxes{filled}{dropped}"


@lru_cache(maxsize=1)
def _model(weights: str, weights_hash: str, recipe: str) -> tuple[Any, ModelRecipe]:
    """Weights and settings, read once a process."""
    path = find_weights(weights)
    if digest(path)[1] != weights_hash:
        problem = "not the weights that the others track with"
        raise MachineError(problem, remedy="give every machine the same", path=path)
    content = parse_json(recipe)
    assert isinstance(content, dict)
    return load_for_tracking(weights)[0], parse(content, ModelRecipe, stored=True)
