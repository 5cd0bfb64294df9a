"""Weights on disk: safetensors, with the model recipe as JSON beside the tensors in the same file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch

from gnntrack import recipes
from gnntrack.errors import DataError
from gnntrack.loaders.json_text import parse_json
from gnntrack.loaders.tensors import FLOATS, read_header, read_tensors
from gnntrack.models import old_settings, old_weights
from gnntrack.models.old_training import with_stages
from gnntrack.models.recipe import Model, ModelRecipe, build_model
from gnntrack.saving import write_tensors
from gnntrack.showing import shown

FORMAT = "gnntrack weights 3"
#: Formats whose recipes are older.
OLD = (old_weights.FORMAT, "gnntrack weights 2")
_EXPECTED = f"expected a safetensors file of '{FORMAT}'"
SUFFIX = ".safetensors"


def save_weights(path: str | Path, model: Model, recipe: ModelRecipe) -> None:
    """Writes the model and its recipe to one ``.safetensors`` file, atomically; the same weights, the same bytes."""
    write_tensors(path, model.state_dict(), {"format": FORMAT, "recipe": recipe.model_dump_json()})


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
    known = sorted(path.name.removesuffix(SUFFIX) for path in recipes.shipped("models").glob(f"*{SUFFIX}"))
    if isinstance(name, Path) or "/" in name or name.endswith(SUFFIX):
        if Path(name).is_file():
            return Path(name)
        raise DataError("no such file", remedy=f"give a path, or a shipped name: {', '.join(known)}", path=name)
    if name in known:
        return recipes.shipped("models") / f"{name}{SUFFIX}"
    local = Path("models") / f"{name}{SUFFIX}"
    if local.is_file():
        raise DataError(f"no shipped weights {shown(name)}", remedy=f"give the path of your own: {local}")
    raise DataError(f"no shipped weights {shown(name)}", remedy=f"{recipes.nearest(name, known)}; or give a path")


def load_weights(name: str | Path) -> tuple[Model, ModelRecipe]:
    """Reads a model, ready to score, by the name of shipped weights or by path.

    Weights are float32, whatever the file or torch's default type is. The header is compared with what the recipe
    asks for before anything of its size is allocated.

    Raises:
        DataError: there is no such file, or it is not one that :func:`save_weights` wrote.
    """
    path = find_weights(name)
    header = read_header(path, FLOATS)
    form = header.metadata.get("format")
    if form not in (FORMAT, *OLD):
        raise DataError(f"format is {shown(form)}", remedy=_EXPECTED, path=path)
    content = parse_json(header.metadata.get("recipe", ""), path)
    if not isinstance(content, dict):
        raise DataError("not readable as weights: no recipe in it", remedy=_EXPECTED, path=path)
    if form in OLD:
        content = with_stages(old_settings.upgraded(content))
    recipe = recipes.parse(content, ModelRecipe, path, stored=True)
    with torch.device("meta"):
        model = build_model(recipe)
    shapes = {key: tensor.shape for key, tensor in header.tensors.items()}
    _check_shapes(model, old_weights.upgraded_shapes(shapes) if form == old_weights.FORMAT else shapes, path)
    tensors = {key: tensor.to(torch.float32, copy=True) for key, tensor in read_tensors(path, header).items()}
    if not all(bool(torch.isfinite(tensor).all()) for tensor in tensors.values()):
        raise DataError("a weight is not finite", remedy="train again", path=path)
    if form == old_weights.FORMAT:
        tensors = old_weights.upgraded(tensors)
    model.load_state_dict(tensors, assign=True)
    return model.eval(), recipe


def _check_shapes(model: Model, shapes: Mapping[str, tuple[int, ...]], path: Path) -> None:
    """Compares what the file says that it holds with what its recipe asks for."""
    wanted = {key: tuple(tensor.shape) for key, tensor in model.state_dict().items()}
    for key in wanted:
        if key not in shapes:
            raise DataError(f"weights do not fit their recipe: {key} is missing", remedy=_EXPECTED, path=path)
        if shapes[key] != wanted[key]:
            problem = f"weights do not fit their recipe: {key} has the shape {shapes[key]}, not {wanted[key]}"
            raise DataError(problem, remedy=_EXPECTED, path=path)
    for key in shapes:
        if key not in wanted:
            problem = f"weights do not fit their recipe: there is no {shown(key)} in it"
            raise DataError(problem, remedy=_EXPECTED, path=path)
