"""Arrays to disk as safetensors: the same arrays give the same bytes, every time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from safetensors.numpy import save

from gnntrack.files import atomic_path
from gnntrack.loaders.json_text import parse_json

_METADATA = "__metadata__"


def write_arrays(path: str | Path, arrays: Mapping[str, np.ndarray], metadata: Mapping[str, str]) -> None:
    """Writes one ``.safetensors`` file, atomically.

    Args:
        path: the file.
        arrays: by name.
        metadata: texts by name; their order does not matter.

    Raises:
        DataError: the folder cannot be written or the disk is full.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> write_arrays(folder / "a", {"one": np.ones(2)}, {"x": "1", "y": "2"})
        >>> write_arrays(folder / "b", {"one": np.ones(2)}, {"y": "2", "x": "1"})
        >>> (folder / "a").read_bytes() == (folder / "b").read_bytes()
        True
    """
    write_safetensors(path, save({name: np.array(each, order="C") for name, each in arrays.items()}, dict(metadata)))


def write_safetensors(path: str | Path, data: bytes) -> None:
    """Writes what safetensors made, atomically, its metadata in order.

    The package sorts the tensors, but keeps metadata in a hash map: another order with every call.

    Raises:
        DataError: the folder cannot be written or the disk is full.
    """
    start = 8 + int.from_bytes(data[:8], "little")
    header = parse_json(data[8:start])
    ordered = {_METADATA: dict(sorted(header.pop(_METADATA, {}).items()))} | header
    text = json.dumps(ordered, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        file.write(memoryview(data)[start:])
