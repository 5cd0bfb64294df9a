"""Weights of other people's networks: tensors by name, and nothing else."""

from __future__ import annotations

from pathlib import Path

import torch

from gnntrack.errors import DataError
from gnntrack.loaders.text import open_file


def read_state_dict(path: Path) -> dict[str, torch.Tensor]:
    """The tensors of a file that ``torch.save(model.state_dict(), path)`` wrote.

    Raises:
        DataError: it is missing, cut off, or holds anything but tensors.
    """
    with open_file(path) as file:
        try:
            state = torch.load(file, map_location="cpu", weights_only=True)
        except Exception:  # there is no end to how it fails on what is no such file
            remedy = "expected torch.save(model.state_dict(), path)"
            raise DataError("not a file of tensors alone", remedy=remedy, path=path) from None
    if isinstance(state, dict) and isinstance(state.get("model"), dict):
        state = state["model"]  # as training scripts keep it, beside their optimizer
    if not isinstance(state, dict) or not all(isinstance(value, torch.Tensor) for value in state.values()) or not state:
        raise DataError("holds no state_dict", remedy="expected torch.save(model.state_dict(), path)", path=path)
    return {str(key): value for key, value in state.items()}
