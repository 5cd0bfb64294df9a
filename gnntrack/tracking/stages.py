"""The stages of a model; the only place that checks the kind of model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from gnntrack.models import CompiledNetworks, ModelRecipe
from gnntrack.packages import needed_package
from gnntrack.tracking.association_stages import AssociationStages
from gnntrack.tracking.pipeline import ModelStages

if TYPE_CHECKING:
    from gnntrack.tracking.scoring import LinkScorer


@runtime_checkable
class Compilable(Protocol):
    """An association network, of torch or compiled."""

    def compiled(self) -> CompiledNetworks:
        """The networks with their weights of now."""


def shareable(model: Compilable | LinkScorer) -> Compilable | LinkScorer:
    """The model with its weights of now, in a form that many trackers share: each takes it as it is."""
    return model.compiled() if isinstance(model, Compilable) else model


def stages_of(model: Compilable | LinkScorer, recipe: ModelRecipe) -> ModelStages:
    """How a model tracks.

    Args:
        model: an association network, with its weights of now, or a link scorer of window graphs.
        recipe: what it was trained with: graphs, thresholds.
    """
    if isinstance(model, Compilable):
        return AssociationStages(model.compiled(), recipe.tracking)
    with needed_package("a link scorer of window graphs"):
        from gnntrack.tracking.window_stages import WindowStages
    return WindowStages(model, recipe.graph, recipe.tracking)
