"""What an association network is given afterwards: other networks, and an appearance branch."""

from __future__ import annotations

from typing import Literal

import torch
from torch import nn

from gnntrack.models.bundle import AssociationNetwork
from gnntrack.models.recipe import ModelRecipe
from gnntrack.relinking.network import TrackletNetwork
from gnntrack.smoothing.network import SmoothingNetwork


def with_part(
    model: AssociationNetwork,
    recipe: ModelRecipe,
    name: Literal["tracklets", "smoothing"],
    part: TrackletNetwork | SmoothingNetwork,
) -> tuple[AssociationNetwork, ModelRecipe]:
    """The same association network with this part, instead of one that it may have had, and their recipe.

    Args:
        model: an association network; stays as it is.
        recipe: of the model.
        name: which part.
        part: the trained network.
    """
    architecture = model.settings.model_copy(update={name: part.settings})
    result = AssociationNetwork(architecture)
    kept = {key: value for key, value in model.state_dict().items() if not key.startswith(f"{name}.")}
    result.load_state_dict(kept | {f"{name}.{key}": value for key, value in part.state_dict().items()})
    return result.eval(), recipe.model_copy(update={"architecture": architecture})


def with_appearance(model: AssociationNetwork, recipe: ModelRecipe) -> tuple[AssociationNetwork, ModelRecipe]:
    """The same association network, with its tracklet network, and appearance branches that have yet to learn.

    Until then nothing that they see counts.

    Args:
        model: an association network; stays as it is.
        recipe: of the model.
    """
    tracklets = model.settings.tracklets
    changed = {"appearance": True}
    tracklets = None if tracklets is None else tracklets.model_copy(update=changed)
    architecture = model.settings.model_copy(update=changed | {"tracklets": tracklets})
    result = AssociationNetwork(architecture)
    eyes = {name: tensor for name, tensor in result.state_dict().items() if _sees(name)}
    silent = {name: torch.zeros_like(tensor) for name, tensor in eyes.items() if "second" in name}
    result.load_state_dict(eyes | silent | model.state_dict())
    return result.eval(), recipe.model_copy(update={"architecture": architecture})


def set_learning(network: nn.Module, appearance: bool, rest: bool) -> None:
    """Says which weights learn: those that look at embeddings, and the rest; the others stay as they are."""
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(appearance if _sees(name) else rest)


def _sees(name: str) -> bool:
    """Whether a weight of this name looks at embeddings."""
    return "appearance" in name.split(".")
