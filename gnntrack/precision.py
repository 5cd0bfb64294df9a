"""Full precision, whatever precision a model computes in."""

from __future__ import annotations

import torch
from torch import Tensor

#: Types whose sums of exponentials overflow, or round away what matters.
HALF = (torch.float16, torch.bfloat16)


def full_precision(values: Tensor) -> Tensor:
    """Half precision as float32: sums of many exponentials do not fit into half precision. The gradient goes back.

    Example:
        >>> full_precision(torch.zeros(1, dtype=torch.float16)).dtype
        torch.float32
    """
    return values.float() if values.dtype in HALF else values
