"""Tensors to disk as safetensors: the same tensors give the same bytes, every time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from safetensors.torch import save
from torch import Tensor

from gnntrack.files import atomic_path
from gnntrack.loaders.json_text import parse_json

_METADATA = "__metadata__"


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
    data = save(plain, dict(metadata))
    start = 8 + int.from_bytes(data[:8], "little")
    # safetensors sorts the tensors, but keeps metadata in a hash map: another order with every call
    header = parse_json(data[8:start])
    ordered = {_METADATA: dict(sorted(header.pop(_METADATA, {}).items()))} | header
    text = json.dumps(ordered, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        file.write(memoryview(data)[start:])
