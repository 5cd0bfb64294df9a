"""What every loss returns."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

import torch
from torch import Tensor


class LossOutput(NamedTuple):
    """The value to minimise, and what it is made of.

    Attributes:
        total: scalar with a gradient.
        parts: detached figures for the training log, by name; from a compiled loss tensors of one number.

    Example:
        >>> LossOutput(torch.tensor(1.5), {"flow": 1.5}).parts
        {'flow': 1.5}
    """

    total: Tensor
    parts: dict[str, float]


def as_floats(parts: dict[str, Tensor], added: Collection[str] = ()) -> dict[str, float]:
    """Detached floats of values per graph ``(G,)``: their means, or sums for the names in ``added``.

    Fetched from the device at once instead of one by one. Inside ``torch.compile``, where a float would end the graph,
    they stay tensors of one number.
    """
    with torch.no_grad():
        table = torch.stack(list(parts.values())).to(torch.float64)
    both: Any = torch.stack([table.mean(1), table.sum(1)])  # a list of floats, or tensors inside torch.compile
    means, sums = both.unbind() if torch.compiler.is_compiling() else both.tolist()
    return {name: sums[place] if name in added else means[place] for place, name in enumerate(parts)}
