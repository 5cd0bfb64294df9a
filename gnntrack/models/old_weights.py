"""Files of weights that were written before networks were made of modules: ``gnntrack weights 1``."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

FORMAT = "gnntrack weights 1"

_PERCEPTRONS = {
    "track_in": "past_in",
    "detection_in": "future_in",
    "pair_in": "edge_in",
    "real": "real",
    "appearance": "appearance",
}
_OTHERS = {"neighbour_bias": "neighbour_relation.bias", "head": "head.weight", "head_bias": "head.bias"}
_ROUND = {"pair": "edge", "pair_out": "edge_out", "pair_bias": "edge_bias"}


def renamed(name: str) -> tuple[str, bool]:
    """The name of a tensor of format 1 now, and whether it was stored transposed.

    Example:
        >>> renamed("tracklets.members.0.track_in_first"), renamed("rounds_1_pair_bias")
        (('tracklets.members.0.past_in.first.weight', True), ('rounds.1.edge.bias', False))
    """
    owner, dot, own = name.rpartition(".")
    if owner.startswith("smoothing"):
        return name, False
    new = _own(own)
    return f"{owner}{dot}{new}", new.endswith(".weight")


def _own(name: str) -> str:
    if found := re.fullmatch(r"(track_in|detection_in|pair_in|real|appearance)_(first|second)(_bias)?", name):
        return f"{_PERCEPTRONS[found[1]]}.{found[2]}.{'bias' if found[3] else 'weight'}"
    if found := re.fullmatch(r"rounds_(\d+)_(\w+)", name):
        part = _ROUND.get(found[2], found[2])
        if part == "scale":
            return f"rounds.{found[1]}.scale"
        bias = part.endswith("_bias")
        return f"rounds.{found[1]}.{part.removesuffix('_bias')}.{'bias' if bias else 'weight'}"
    if found := re.fullmatch(r"neighbour_(state|relation|out)", name):
        return f"{name}.weight"
    return _OTHERS.get(name, name)


def upgraded_shapes(shapes: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """What :func:`upgraded` makes of tensors of these shapes."""
    result = {}
    for name, shape in shapes.items():
        new, transposed = renamed(name)
        result[new] = shape[::-1] if transposed and new != name else shape
    return result


def upgraded(tensors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The tensors of an association model of format 1 under their names of now; those of other models stay."""
    result = {}
    for name, tensor in tensors.items():
        new, transposed = renamed(name)
        result[new] = np.ascontiguousarray(tensor.T) if transposed and new != name else tensor
    return result
