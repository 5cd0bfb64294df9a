"""Tensors to disk as safetensors: the same tensors give the same bytes, every time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from safetensors.torch import save
from torch import Tensor

from gnntrack.array_saving import write_safetensors


def write_tensors(path: str | Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> None:
    """Writes one ``.safetensors`` file, atomically.

    Args:
        path: the file.
        tensors: by name; those on another device are copied.
        metadata: texts by name; their order does not matter.

    Raises:
        DataError: the folder cannot be written or the disk is full.

    Example:
        >>> import tempfile, torch
        >>> folder = Path(tempfile.mkdtemp())
        >>> write_tensors(folder / "a", {"one": torch.ones(2)}, {"x": "1", "y": "2"})
        >>> write_tensors(folder / "b", {"one": torch.ones(2)}, {"y": "2", "x": "1"})
        >>> (folder / "a").read_bytes() == (folder / "b").read_bytes()
        True
    """
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    write_safetensors(path, save(plain, dict(metadata)))
