"""Files of weights: safetensors, with the model recipe as JSON beside the tensors. Reading them needs no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from gnntrack import recipes
from gnntrack.errors import DataError
from gnntrack.loaders.json_text import parse_json
from gnntrack.loaders.tensors import FLOATS, Header, read_floats, read_header
from gnntrack.models import old_settings, old_weights
from gnntrack.models.not_weights import WEIGHTS, refuse_folder, refuse_other
from gnntrack.models.old_training import with_stages
from gnntrack.models.recipe import ModelRecipe
from gnntrack.remote import as_path, is_address, is_remote
from gnntrack.showing import shown

FORMAT = "gnntrack weights 3"
#: Formats whose recipes are older.
OLD = (old_weights.FORMAT, "gnntrack weights 2")
_EXPECTED = f"expected a safetensors file of '{FORMAT}'"
SUFFIX = ".safetensors"


@dataclass(frozen=True)
class WeightsFile:
    """A file of weights whose header was read; no tensor of it was.

    Attributes:
        path: the file.
        recipe: what the weights are of, brought up to date.
        header: its tensors, by the names that they have in the file.
        renamed: whether their names are older than those of the networks.
    """

    path: Path
    recipe: ModelRecipe
    header: Header
    renamed: bool

    def arrays(self, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, np.ndarray]:
        """The weights, float32, by their names in the networks.

        Args:
            shapes: that the recipe asks for, by name; compared before anything of their size is allocated.

        Raises:
            DataError: the file has not these weights, or one is not finite.
        """
        held = {name: tensor.shape for name, tensor in self.header.tensors.items()}
        _check_shapes(old_weights.upgraded_shapes(held) if self.renamed else held, shapes, self.path)
        arrays = read_floats(self.path, self.header)
        if not all(np.isfinite(values).all() for values in arrays.values()):
            raise DataError("a weight is not finite", remedy="train again", path=self.path)
        return old_weights.upgraded(arrays) if self.renamed else arrays


def find_weights(name: str | Path) -> Path:
    """The file of weights: a shipped one by its name alone, any other by its path.

    What has a slash in it, ends in ``.safetensors`` or is a ``Path`` is a path; so a file of the working directory is
    never taken for a shipped one.

    Raises:
        DataError: there is none.

    Example:
        >>> find_weights("default").parent.name
        'models'
    """
    if is_address(name):
        name = as_path(name)
    if is_remote(name):
        return as_path(name)
    if not isinstance(name, str | Path):
        raise DataError(f"weights {shown(name)}", remedy="give the name of shipped weights, or a path")
    known = sorted(path.name.removesuffix(SUFFIX) for path in recipes.shipped("models").glob(f"*{SUFFIX}"))
    if isinstance(name, Path) or "/" in name or name.endswith(SUFFIX):
        if Path(name).is_file():
            return Path(name)
        refuse_folder(Path(name))
        raise DataError("no such file", remedy=f"give a path, or a shipped name: {', '.join(known)}", path=name)
    if name in known:
        return recipes.shipped("models") / f"{name}{SUFFIX}"
    for own in (Path("models") / f"{name}{SUFFIX}", Path(name) / WEIGHTS):
        if own.is_file():
            raise DataError(f"no shipped weights {shown(name)}", remedy=f"give the path of your own: {own}")
    raise DataError(f"no shipped weights {shown(name)}", remedy=f"{recipes.nearest(name, known)}; or give a path")


def open_weights(name: str | Path) -> WeightsFile:
    """Reads what a file of weights says of itself, by the name of shipped weights or by path.

    Raises:
        DataError: there is no such file, or it is not one that :func:`gnntrack.models.save_weights` wrote.
    """
    path = find_weights(name)
    header = read_header(path, FLOATS, partial(_check_format, path))
    form = header.metadata["format"]
    content = parse_json(header.metadata.get("recipe", ""), path)
    if not isinstance(content, dict):
        raise DataError("not readable as weights: no recipe in it", remedy=_EXPECTED, path=path)
    if form in OLD:
        content = with_stages(old_settings.upgraded(content))
    return WeightsFile(path, recipes.parse(content, ModelRecipe, path, stored=True), header, form == old_weights.FORMAT)


def _check_format(path: Path, metadata: Mapping[str, str]) -> None:
    """Refuses what does not say that it is weights, before its tensors are looked at."""
    form = metadata.get("format")
    if form not in (FORMAT, *OLD):
        refuse_other(form or "", path)
        raise DataError(f"format is {shown(form)}", remedy=_EXPECTED, path=path)


def _check_shapes(held: Mapping[str, tuple[int, ...]], wanted: Mapping[str, tuple[int, ...]], path: Path) -> None:
    """Compares what the file says that it holds with what its recipe asks for."""
    for key in wanted:
        if key not in held:
            raise DataError(f"weights do not fit their recipe: {key} is missing", remedy=_EXPECTED, path=path)
        if held[key] != wanted[key]:
            problem = f"weights do not fit their recipe: {key} has the shape {held[key]}, not {wanted[key]}"
            raise DataError(problem, remedy=_EXPECTED, path=path)
    for key in held:
        if key not in wanted:
            problem = f"weights do not fit their recipe: there is no {shown(key)} in it"
            raise DataError(problem, remedy=_EXPECTED, path=path)
