"""The stages of a model; the only place that checks the kind of model."""

from __future__ import annotations

from gnntrack.models import AssociationNetwork, ModelRecipe
from gnntrack.tracking.association_stages import AssociationStages
from gnntrack.tracking.pipeline import ModelStages
from gnntrack.tracking.scoring import LinkScorer
from gnntrack.tracking.window_stages import WindowStages


def stages_of(model: LinkScorer, recipe: ModelRecipe) -> ModelStages:
    """How a model tracks.

    Args:
        model: an :class:`gnntrack.models.AssociationNetwork`, or a link scorer of window graphs.
        recipe: what it was trained with: graphs, thresholds.
    """
    if isinstance(model, AssociationNetwork):
        return AssociationStages(model, recipe.tracking)
    return WindowStages(model, recipe.graph, recipe.tracking)
