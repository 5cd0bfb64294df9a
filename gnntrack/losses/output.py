"""What every loss returns."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor


class LossOutput(NamedTuple):
    """The value to minimise, and what it is made of.

    Attributes:
        total: scalar with a gradient.
        parts: detached figures for the training log, by name.

    Example:
        >>> LossOutput(torch.tensor(1.5), {"flow": 1.5}).parts
        {'flow': 1.5}
    """

    total: Tensor
    parts: dict[str, float]


def as_floats(parts: dict[str, Tensor]) -> dict[str, float]:
    """Detached floats of scalar tensors, fetched from the device at once instead of one by one."""
    if not parts:
        return {}
    values = torch.stack([value.detach().to(torch.float64).reshape(()) for value in parts.values()]).tolist()
    return dict(zip(parts, values, strict=True))
