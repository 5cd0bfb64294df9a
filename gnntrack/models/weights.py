"""Networks of torch to files of weights, and back."""

from __future__ import annotations

from pathlib import Path

import torch

from gnntrack.models.building import Model, build_model
from gnntrack.models.recipe import ModelRecipe
from gnntrack.models.weights_file import FORMAT, open_weights
from gnntrack.saving import write_tensors


def save_weights(path: str | Path, model: Model, recipe: ModelRecipe) -> None:
    """Writes the model and its recipe to one ``.safetensors`` file, atomically; the same weights, the same bytes."""
    write_tensors(path, model.state_dict(), {"format": FORMAT, "recipe": recipe.model_dump_json()})


def load_weights(name: str | Path) -> tuple[Model, ModelRecipe]:
    """Reads a model, ready to score and to learn, by the name of shipped weights or by path.

    Weights are float32, whatever the file or torch's default type is. To track, :func:`load_for_tracking` is enough,
    and needs no torch.

    Raises:
        DataError: there is no such file, or it is not one that :func:`save_weights` wrote.
    """
    file = open_weights(name)
    with torch.device("meta"):
        model = build_model(file.recipe)
    arrays = file.arrays({key: tuple(tensor.shape) for key, tensor in model.state_dict().items()})
    model.load_state_dict({key: torch.from_numpy(values) for key, values in arrays.items()}, assign=True)
    return model.eval(), file.recipe
