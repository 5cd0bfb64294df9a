"""The stages of tracking with a model; the one place that asks which kind of model it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from gnntrack.association.linker import Linked
from gnntrack.association.rounding import Rounding
from gnntrack.errors import DataError
from gnntrack.models import AssociationNetwork, ModelRecipe
from gnntrack.relinking.online import Identities
from gnntrack.sequence import View
from gnntrack.smoothing.boxes import BoxFilter
from gnntrack.smoothing.online_features import NOISE
from gnntrack.tracking.scoring import Encoder
from gnntrack.tracking.window_linker import WindowLinker


class Linker(Protocol):
    """What decides which detections belong to which track."""

    def link(self, boxes: np.ndarray, seen: np.ndarray, frame: int) -> Linked:
        """The tracks of the boxes ``(D, 4)`` xywh of a new frame, ``(D, 6 + A)`` as observations."""

    def set_view(self, view: View) -> None:
        """The image is larger than was thought."""


class Corrector(Protocol):
    """What corrects identities after crossings."""

    def show(self, seen: np.ndarray, ids: np.ndarray, chance: np.ndarray) -> np.ndarray:
        """The identities ``(D,)`` of a new frame, by its tracks and the probabilities of their links."""


class Smoother(Protocol):
    """What moves the boxes of tracks to where objects more probably are."""

    def smooth(self, boxes: np.ndarray, frame: int) -> np.ndarray:
        """The boxes ``(D, 4)`` xywh of a new frame, those of tracks smoothed."""


@dataclass(frozen=True)
class OnlineStages:
    """What happens to the detections of a frame, in this order.

    Attributes:
        linker: links them to tracks.
        corrector: corrects identities after crossings; None: links stay.
        smoother: smooths boxes; None: boxes stay as detected.
    """

    linker: Linker
    corrector: Corrector | None = None
    smoother: Smoother | None = None


def online_stages(model: Encoder, recipe: ModelRecipe, view: View, rounding: Rounding | None = None) -> OnlineStages:
    """The stages of a new stream.

    Args:
        model: an :class:`gnntrack.models.AssociationNetwork`, or an encoder of window graphs.
        recipe: what it was trained with.
        view: of the video.
        rounding: how scores of window graphs become links; None: exactly.

    Raises:
        DataError: ``rounding`` is given with an association network, which does not look at it.
    """
    settings = recipe.association
    if not isinstance(model, AssociationNetwork):
        return OnlineStages(WindowLinker(model, recipe.graph, settings, view, rounding or "exact"))
    if rounding is not None:
        remedy = "leave it out; offline, or with models of kind message_passing, it says how scores become links"
        raise DataError(f"rounding: {rounding} does nothing online for models of kind association", remedy=remedy)
    smooths = model.smoothing is not None and settings.smooth_online
    linker = model.linker(settings, view, NOISE if smooths else 0)
    return OnlineStages(
        linker,
        None if model.tracklets is None else Identities(model.tracklets, settings, view),
        BoxFilter(model.smoothing.online, view.frame_rate, linker.pool) if smooths and model.smoothing else None,
    )


def looks_at_embeddings(model: Encoder) -> bool:
    """Whether a model looks at appearance embeddings."""
    return isinstance(model, AssociationNetwork) and model.settings.appearance
