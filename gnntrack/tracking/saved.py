"""Trackers on disk: one safetensors file with what they remember as arrays, and how they were made as JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gnntrack import recipes
from gnntrack.array_saving import write_arrays
from gnntrack.association.rounding import Rounding
from gnntrack.errors import DataError
from gnntrack.loaders.json_text import parse_json
from gnntrack.loaders.tensors import ARRAYS, read_arrays, read_header
from gnntrack.models import ModelRecipe
from gnntrack.models.not_weights import TRACKER
from gnntrack.remote import as_path
from gnntrack.showing import shown
from gnntrack.state import State
from gnntrack.tracking.class_groups import ClassGroups
from gnntrack.tracking.pipeline import ModelStages
from gnntrack.tracking.stream import StreamSettings

FORMAT = f"{TRACKER}1"
_REMEDY = "expected a file that Tracker.save wrote"
_FORMAT, _ABOUT, _CHECK = "format", "tracker", "sha256"


class About(BaseModel):
    """How a saved tracker was made.

    Attributes:
        weights: SHA-256 of its weights.
        source: where they came from: a shipped name or a path; None: it is not known.
        recipe: of its model, every key of it.
        width: of the image, pixels; None: as far as the boxes so far reach.
        height: likewise.
        frame_rate: frames a second.
        apart: whether classes matter.
        groups: of classes.
        rounding: how scores become links; None: the usual.
        lag: frames that wait until they are reported.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    weights: str
    source: str | None
    recipe: dict[str, Any]
    width: float | None
    height: float | None
    frame_rate: float
    apart: bool
    groups: list[list[int]]
    rounding: Rounding | None
    lag: int = Field(ge=0)

    @classmethod
    def of(cls, weights: str, source: str | None, recipe: ModelRecipe, settings: StreamSettings) -> About:
        """Of a tracker, whose weights have this hash and come from there."""
        return cls(
            weights=weights,
            source=source,
            recipe=recipe.model_dump(mode="json"),
            width=settings.width,
            height=settings.height,
            frame_rate=settings.frame_rate,
            apart=settings.groups.apart,
            groups=[list(group) for group in settings.groups.groups],
            rounding=settings.rounding,
            lag=settings.lag,
        )

    def parsed_recipe(self) -> ModelRecipe:
        """The recipe, checked."""
        return recipes.parse(self.recipe, ModelRecipe, stored=True)

    def settings(self) -> dict[str, Any]:
        """The other arguments of :class:`gnntrack.Tracker`."""
        known = self.model_dump(include={"width", "height", "frame_rate", "rounding", "lag"})
        return known | {"classes": ClassGroups(self.apart, tuple(map(tuple, self.groups)))}

    def check_weights(self, model: ModelStages, source: str | None) -> None:
        """Raises where a model, whose weights come from ``source``, has others than the saved tracker.

        Raises:
            DataError: see above.
        """
        if hash_of(model) != self.weights:
            others = "these" if source is None else shown(source)
            remedy = "pass weights: those that it was saved with"
            raise DataError(f"tracked with other weights than {others}", remedy=remedy)


def hash_of(model: ModelStages) -> str:
    """SHA-256 of a model's weights.

    Raises:
        DataError: it has none that could be compared.
    """
    digest = hashlib.sha256()
    for values in model.weights():
        _add(digest, values)
    return digest.hexdigest()


def write_saved(path: str | Path, about: About, state: State) -> None:
    """Writes a tracker, atomically.

    Raises:
        DataError: it cannot be written.
    """
    text = about.model_dump_json()
    write_arrays(path, state, {_FORMAT: FORMAT, _ABOUT: text, _CHECK: _check(text, state)})


def _check_format(path: Path, metadata: Mapping[str, str]) -> None:
    form = metadata.get(_FORMAT)
    if form != FORMAT:
        raise DataError(f"format is {shown(form)}, not {FORMAT!r}", remedy=_REMEDY, path=path)


def read_saved(path: str | Path) -> tuple[About, State]:
    """Reads what :func:`write_saved` wrote.

    Raises:
        DataError: it is something else, or was changed since.
    """
    path = as_path(path)
    header = read_header(path, ARRAYS, partial(_check_format, path))
    state = read_arrays(path, header)
    text = header.metadata.get(_ABOUT, "")
    if header.metadata.get(_CHECK) != _check(text, state):
        raise DataError("was changed after it was written", remedy=_REMEDY, path=path)
    content = parse_json(text, path)
    try:
        return About.model_validate(content), state
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "tracker"
        raise DataError(f"{where}: {first['msg']}", remedy=_REMEDY, path=path) from None


def _check(text: str, state: Mapping[str, np.ndarray]) -> str:
    """SHA-256 of all that is saved."""
    digest = hashlib.sha256(text.encode())
    for name in sorted(state):
        digest.update(json.dumps(name).encode())
        _add(digest, state[name])
    return digest.hexdigest()


def _add(digest: Any, values: np.ndarray) -> None:
    digest.update(f"{values.dtype.str}{values.shape}".encode())
    digest.update(np.ascontiguousarray(values).tobytes())
