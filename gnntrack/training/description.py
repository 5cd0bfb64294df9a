"""What a checkpoint is held against: a run goes on only with the network, the loss and the data that it had."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from torch import nn

from gnntrack.datasets.labelled import Labelled


def describe(network: nn.Module, loss: nn.Module | None, data: list[list[Labelled]]) -> dict[str, Any]:
    """Digests by name: the weights at the start, the loss with its settings, and the boxes and identities.

    Args:
        network: before training.
        loss: None where the training has one of its own.
        data: what is learned from, and what is looked at.
    """
    weights = hashlib.sha256()
    for name, tensor in network.state_dict().items():
        weights.update(name.encode() + tensor.detach().cpu().numpy().tobytes())
    boxes = hashlib.sha256()
    for labelled in data:
        boxes.update(b"split")
        for item in labelled:
            for array in (item.sequence.frames, item.sequence.xywh, item.identity, item.sequence.embeddings):
                boxes.update(b"" if array is None else np.ascontiguousarray(array).tobytes())
    return {"initial weights": weights.hexdigest(), "data": boxes.hexdigest()} | (
        {} if loss is None else {"loss": _settings(loss)}
    )


def _settings(loss: nn.Module) -> list[list[Any]]:
    """Class and plain attributes of every part of a loss."""
    return [
        [
            type(part).__name__,
            *sorted([key, repr(value)] for key, value in vars(part).items() if _is_setting(key, value)),
        ]
        for part in loss.modules()
    ]


def _is_setting(name: str, value: Any) -> bool:
    return not name.startswith("_") and name != "training" and isinstance(value, (bool, int, float, str))
