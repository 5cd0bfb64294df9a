"""Weights of trackers: loaded by name or path, and found again for a tracker that was saved."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gnntrack.errors import DataError
from gnntrack.models import ModelRecipe, load_for_tracking
from gnntrack.models.overriding import Way, overridden
from gnntrack.models.weights_file import find_weights
from gnntrack.remote import refuse_address
from gnntrack.tracking.stages import Compilable
from gnntrack.tracking.warmup_bar import warm_up_with_bar

if TYPE_CHECKING:
    from gnntrack.tracking.scoring import LinkScorer


def pretrained(
    weights: str | Path, settings: Mapping[str, Any], *ways: Way, warmup: bool
) -> tuple[Compilable | LinkScorer, ModelRecipe, str]:
    """A model, its recipe with these tracking settings, and where its weights are found again.

    Args:
        weights: name or path.
        settings: see :func:`gnntrack.models.overriding.overridden`, like ``ways``.
        *ways: likewise.
        warmup: whether to compile now, with a bar.

    Raises:
        DataError: there are no such weights, or no such setting.
    """
    model, recipe = load_for_tracking(weights)
    recipe = overridden(recipe, settings, *ways)
    if warmup:
        warm_up_with_bar(model)
    return model, recipe, source_of(weights)


def model_for(
    source: str | None, weights: str | Path | Compilable | LinkScorer | None, path: str | Path
) -> tuple[Compilable | LinkScorer, str | None]:
    """The model to go on with, and where its weights come from, if that is known.

    Args:
        source: where a saved tracker had its weights; None: it is not known.
        weights: those that were passed: a shipped name, a path, or the model itself; None: those of ``source``.
        path: the file that names the source.

    Raises:
        DataError: there are no such weights, neither is given, or the file names an address.
    """
    given = weights if weights is not None or source is None else refuse_address(source, "it", path)
    if given is None:
        remedy = "pass weights: the model that it tracked with, or its file"
        raise DataError("does not say where its weights came from", remedy=remedy, path=path)
    if not isinstance(given, str | Path):
        return given, None
    found = source_of(given)
    model, _ = load_for_tracking(given)
    return model, found


def source_of(weights: str | Path) -> str:
    """Where weights are found again: the name of shipped ones, else the whole path."""
    found = find_weights(weights)
    return str(weights) if found.stem == str(weights) else str(found.resolve())
