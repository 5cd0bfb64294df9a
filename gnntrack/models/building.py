"""Networks of torch by their recipe."""

from __future__ import annotations

from gnntrack.models.architectures import AssociationNetworkSettings
from gnntrack.models.bundle import AssociationNetwork
from gnntrack.models.recipe import ModelRecipe
from gnntrack.models.window_network import MessagePassing

Model = MessagePassing | AssociationNetwork


def build_model(recipe: ModelRecipe) -> Model:
    """A freshly initialised model."""
    if isinstance(recipe.architecture, AssociationNetworkSettings):
        return AssociationNetwork(recipe.architecture)
    return MessagePassing(recipe.architecture)
