"""Pools on disk: a folder with a file a stream, and one that names them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from gnntrack.errors import DataError
from gnntrack.files import write_text
from gnntrack.loaders.json_text import read_json
from gnntrack.models import ModelRecipe
from gnntrack.outputs.folder import output_folder
from gnntrack.outputs.manifest import missing, read_manifest
from gnntrack.recipes import Settings, parse
from gnntrack.remote import as_path
from gnntrack.showing import shown
from gnntrack.tracking.online import Tracker
from gnntrack.tracking.pool.members import Member, Members
from gnntrack.tracking.pretrained import model_for
from gnntrack.tracking.stages import Compilable, shareable

if TYPE_CHECKING:
    from gnntrack.tracking.scoring import LinkScorer

INDEX, VERB = "streams.json", "pool"


class Index(Settings):
    """What a saved pool holds.

    Attributes:
        format: which this is.
        weights: where they came from: a shipped name or a path; None: it is not known.
        recipe: of the model, with the settings that all streams have in common.
        streams: their names, in order; the file of each is named for its place.
    """

    format: Literal["gnntrack pool 1"] = "gnntrack pool 1"
    weights: str | None
    recipe: dict[str, Any]
    streams: list[str | int] = Field(default_factory=list)


def save_members(
    folder: str | os.PathLike[str], members: list[Member], weights: str | None, recipe: ModelRecipe
) -> None:
    """Writes the streams of a pool, as a whole, in place of those that an earlier call wrote.

    Raises:
        DataError: see :meth:`.TrackerPool.save`.
    """
    names: list[str | int] = []
    for member in members:
        if not isinstance(member.name, str | int) or isinstance(member.name, bool) or not _writable(member.name):
            remedy = "name streams by texts or whole numbers, to save them"
            raise DataError(f"the name {shown(member.name)} of a stream cannot be written", remedy=remedy)
        names.append(member.name)
    index = Index(weights=weights, recipe=recipe.model_dump(mode="json"), streams=names)
    with output_folder(folder, VERB, updates=lambda manifest: manifest.verb == VERB) as output:
        for number, member in enumerate(members):
            with member.lock:
                member.tracker.save(output.path / _file(number))
        write_text(output.path / INDEX, index.model_dump_json(indent=1) + "\n")


def load_members(
    folder: str | os.PathLike[str], weights: str | Path | Compilable | LinkScorer | None = None
) -> tuple[Compilable | LinkScorer, ModelRecipe, str | None, Members]:
    """The weights of a saved pool, their recipe, where they came from, and its streams.

    Raises:
        DataError: see :meth:`.TrackerPool.load`.
    """
    folder = as_path(folder)
    manifest = read_manifest(folder)
    if manifest is None or manifest.verb != VERB or not manifest.complete:
        raise DataError("no folder that TrackerPool.save wrote", remedy="name such a folder", path=folder)
    if (changed := missing(folder, manifest)) is not None:
        raise DataError(f"{changed} was changed or deleted since it was written", remedy="save again", path=folder)
    index = parse(read_json(folder / INDEX), Index, folder / INDEX)
    found, source = model_for(index.weights, weights, folder / INDEX)
    model = shareable(found)
    members = Members()
    for number, name in enumerate(index.streams):
        tracker = Tracker.load(folder / _file(number), model)
        tracker.weights = source
        members.add(Member(name, tracker))
    return model, parse(index.recipe, ModelRecipe, stored=True), source, members


def _writable(name: str | int) -> bool:
    """Whether UTF-8 has all its letters."""
    try:
        str(name).encode()
    except UnicodeEncodeError:
        return False
    return True


def _file(number: int) -> str:
    """Of a stream, by its place: its name may be none of a file."""
    return f"{number:05}.state"
