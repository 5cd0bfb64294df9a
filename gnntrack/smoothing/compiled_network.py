"""The smoothing network as arrays, compiled: what tracking uses."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gnntrack.association.compiled_layers import TwoLayers, two_layers
from gnntrack.association.weights import Arrays, Shapes, linear_shapes, named_below, part_of
from gnntrack.compiled import compiled
from gnntrack.smoothing.feature_columns import OFFLINE_FEATURES, ONLINE_FEATURES
from gnntrack.smoothing.features import VERSIONS
from gnntrack.smoothing.settings import SmoothingNetworkSettings


class CompiledSmoothingNetwork(NamedTuple):
    """Smooths the boxes of tracks, without torch.

    Attributes:
        offline: weights that know before and after.
        online: weights that know before.
    """

    offline: TwoLayers
    online: TwoLayers

    @classmethod
    def of(cls, arrays: Arrays) -> CompiledSmoothingNetwork:
        """From the weights of a :class:`gnntrack.smoothing.network.SmoothingNetwork`, by name."""
        return cls(*(mixer_layers(part_of(arrays, mode)) for mode in cls._fields))


def smoothing_shapes(settings: SmoothingNetworkSettings) -> Shapes:
    """The shape of every weight of a :class:`gnntrack.smoothing.network.SmoothingNetwork`, by name."""
    shapes: Shapes = {}
    for mode, inputs in (("offline", OFFLINE_FEATURES), ("online", ONLINE_FEATURES)):
        one = linear_shapes("first", inputs, settings.hidden) | linear_shapes("second", settings.hidden, 4 * VERSIONS)
        shapes |= named_below(mode, one | {"mean": (inputs,), "deviation": (inputs,)})
    return shapes


def mixer_layers(arrays: Arrays) -> TwoLayers:
    """The weights of a :class:`gnntrack.smoothing.network.BoxMixer`, which keeps the mean of features as well."""
    first = arrays["first.weight"] / arrays["deviation"]
    shift = first.astype(np.float64) @ arrays["mean"]  # so exact that it is the same with every BLAS
    bias = (arrays["first.bias"] - shift).astype(np.float32)
    layers = (first.T, bias, arrays["second.weight"].T, arrays["second.bias"])
    return TwoLayers(*(np.array(values, order="C") for values in layers))


@compiled
def mix(features: np.ndarray, versions: np.ndarray, layers: TwoLayers) -> np.ndarray:
    """The mixed boxes ``(N, 4)``.

    Args:
        features: ``(N, ·)`` float32.
        versions: ``(N, VERSIONS, 4)``.
        layers: see :func:`mixer_layers`.
    """
    logits = two_layers(features, layers)
    result = np.zeros((len(versions), 4))
    for row in range(len(versions)):
        for side in range(4):
            largest = logits[row, side]
            for version in range(1, VERSIONS):
                largest = max(largest, logits[row, 4 * version + side])
            total = 0.0
            for version in range(VERSIONS):
                share = np.exp(np.float64(logits[row, 4 * version + side] - largest))
                total += share
                result[row, side] += share * versions[row, version, side]
            result[row, side] /= total
    return result
