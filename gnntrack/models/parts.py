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

    Until then the branch has no effect.

    Args:
        model: an association network; stays as it is.
        recipe: of the model.
    """
    tracklets = model.settings.tracklets
    changed = {"appearance": True}
    tracklets = None if tracklets is None else tracklets.model_copy(update=changed)
    architecture = model.settings.model_copy(update=changed | {"tracklets": tracklets})
    result = AssociationNetwork(architecture)
    branch = {name: tensor for name, tensor in result.state_dict().items() if _in_appearance_branch(name)}
    silent = {name: torch.zeros_like(tensor) for name, tensor in branch.items() if "second" in name}
    result.load_state_dict(branch | silent | model.state_dict())
    return result.eval(), recipe.model_copy(update={"architecture": architecture})


def set_learning(network: nn.Module, appearance: bool, rest: bool) -> None:
    """Sets which weights are trained: those of the appearance branch, and the rest; the others are frozen."""
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(appearance if _in_appearance_branch(name) else rest)


def _in_appearance_branch(name: str) -> bool:
    """Whether a weight of this name belongs to the appearance branch."""
    return "appearance" in name.split(".")
