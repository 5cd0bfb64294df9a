"""Weights on disk: safetensors, with the model recipe as JSON beside the tensors in the same file."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from gnntrack import recipes
from gnntrack.errors import DataError
from gnntrack.files import atomic_path
from gnntrack.models.recipe import Model, ModelRecipe, build_model

FORMAT = "gnntrack weights 1"


def save_weights(path: str | Path, model: Model, recipe: ModelRecipe) -> None:
    """Writes the model and its recipe to one ``.safetensors`` file, atomically."""
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    with atomic_path(path) as temporary:
        # as bytes: safetensors' own writer has errors of its own for a full disk
        temporary.write_bytes(save(tensors, {"format": FORMAT, "recipe": recipe.model_dump_json()}))


def load_weights(name: str | Path) -> tuple[Model, ModelRecipe]:
    """Reads a model, ready to score, by the name of shipped weights or by path.

    Raises:
        DataError: there is no such file, or it is not one that :func:`save_weights` wrote.
    """
    path = recipes.find("models", str(name), ".safetensors")
    expected = f"expected a safetensors file of '{FORMAT}'"
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            if metadata.get("format") != FORMAT:
                raise DataError(f"format is {metadata.get('format')!r}", remedy=expected, path=path)
            content = json.loads(metadata["recipe"])
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118  (not a dict)
    except (SafetensorError, OSError, KeyError, json.JSONDecodeError) as error:
        raise DataError(f"not readable as weights: {error}", remedy=expected, path=path) from None
    recipe = recipes.parse(content, ModelRecipe, path, stored=True)
    model = build_model(recipe)
    try:
        model.load_state_dict(tensors)
    except RuntimeError as error:
        raise DataError(f"weights do not fit their recipe: {error}", remedy=expected, path=path) from None
    with torch.no_grad():
        finite = all(bool(torch.isfinite(parameter).all()) for parameter in model.parameters())
    if not finite:
        raise DataError("a weight is not finite", remedy="train again", path=path)
    return model.eval(), recipe
