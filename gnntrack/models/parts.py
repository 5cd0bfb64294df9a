"""Networks that an association network is given afterwards."""

from __future__ import annotations

from typing import Literal

from gnntrack.models.association_network import AssociationNetwork, TrackletNetwork
from gnntrack.models.recipe import ModelRecipe
from gnntrack.models.smoothing_network import SmoothingNetwork


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
