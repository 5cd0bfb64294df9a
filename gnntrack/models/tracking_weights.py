"""Weights for tracking: association networks without torch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gnntrack.models.architectures import AssociationNetworkSettings
from gnntrack.models.compiled_bundle import CompiledNetworks, network_shapes
from gnntrack.models.recipe import ModelRecipe
from gnntrack.models.weights_file import open_weights
from gnntrack.packages import needed_package

if TYPE_CHECKING:
    from gnntrack.models.window_network import MessagePassing


def load_for_tracking(name: str | Path) -> tuple[CompiledNetworks | MessagePassing, ModelRecipe]:
    """Reads weights to track with, by the name of shipped weights or by path.

    Association networks, ``default`` among them, need no torch: they are arrays, which compiled code takes. They cannot
    learn; :func:`load_weights` reads networks that can.

    Raises:
        DataError: there is no such file, it is not one that :func:`save_weights` wrote, or it holds a network of window
            graphs and torch is not installed.

    Example:
        >>> networks, recipe = load_for_tracking("default")
        >>> networks.settings.kind, networks.weights.head.weight.shape
        ('association', (64,))
    """
    file = open_weights(name)
    architecture = file.recipe.architecture
    if isinstance(architecture, AssociationNetworkSettings):
        return CompiledNetworks.of(file.arrays(network_shapes(architecture)), architecture), file.recipe
    with needed_package("weights of kind message_passing"):
        from gnntrack.models.weights import load_weights
    model, recipe = load_weights(file.path)
    return model, recipe  # type: ignore[return-value]  # the kind says which
