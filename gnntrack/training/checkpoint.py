"""Training state on disk without pickle: tensors as safetensors, everything else as JSON in the same file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gnntrack.errors import DataError
from gnntrack.loaders.json_text import parse_json
from gnntrack.loaders.tensors import read_header
from gnntrack.loaders.torch_tensors import read_safetensors
from gnntrack.models.not_weights import CHECKPOINT
from gnntrack.saving import write_tensors
from gnntrack.showing import shown

FORMAT = f"{CHECKPOINT}3"


def encode(value: Any, tensors: dict[str, Tensor]) -> Any:
    """Nested state as JSON values; tensors and arrays are put into ``tensors`` and named in their place.

    Example:
        >>> tensors = {}
        >>> state = encode({0: [torch.ones(2), 1.5]}, tensors)
        >>> state, list(tensors)
        ({'mapping': [[0, {'list': [{'tensor': '0'}, 1.5]}]]}, ['0'])
        >>> decode(state, tensors)
        {0: [tensor([1., 1.]), 1.5]}
    """
    if isinstance(value, (Tensor, np.ndarray)):
        name = str(len(tensors))
        tensor = value if isinstance(value, Tensor) else torch.from_numpy(np.ascontiguousarray(value))
        tensors[name] = tensor.detach().cpu().contiguous().clone()
        return {"tensor" if isinstance(value, Tensor) else "array": name}
    if isinstance(value, dict):
        return {"mapping": [[encode(key, tensors), encode(item, tensors)] for key, item in value.items()]}
    if isinstance(value, (list, tuple)):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [encode(item, tensors) for item in value]}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(f"a checkpoint cannot hold {type(value).__name__}")


def decode(value: Any, tensors: dict[str, Tensor]) -> Any:
    """The inverse of :func:`encode`.

    Raises:
        ValueError: nothing that :func:`encode` gave.
    """
    if not isinstance(value, dict):
        return value
    if len(value) != 1:
        raise ValueError(f"{len(value)} kinds of value")
    ((kind, content),) = value.items()
    if kind in ("tensor", "array"):
        if not isinstance(content, str) or content not in tensors:
            raise ValueError("a tensor that is missing")
        return tensors[content] if kind == "tensor" else tensors[content].numpy()
    if not isinstance(content, list):
        raise ValueError(f"no list in a {kind}")
    if kind == "mapping":
        if not all(isinstance(pair, list) and len(pair) == 2 for pair in content):
            raise ValueError("a mapping without pairs")
        return {_key(decode(key, tensors)): decode(item, tensors) for key, item in content}
    if kind not in ("list", "tuple"):
        raise ValueError("an unknown kind of value")
    items = [decode(item, tensors) for item in content]
    return tuple(items) if kind == "tuple" else items


def _key(value: Any) -> Any:
    if isinstance(value, (dict, list, Tensor, np.ndarray)):
        raise ValueError("a key that is no value")
    return value


def save_state(path: str | Path, state: dict[str, Any]) -> None:
    """Writes nested state to one ``.safetensors`` file, atomically.

    Raises:
        DataError: it cannot be written.
    """
    tensors: dict[str, Tensor] = {}
    text = json.dumps(encode(state, tensors))
    write_tensors(path, tensors, {"format": FORMAT, "state": text})


def is_state(path: str | Path) -> bool:
    """Whether a file says that it is training state, of this version or an earlier one."""
    try:
        return read_header(path).metadata.get("format", "").startswith(CHECKPOINT)
    except DataError:
        return False


def load_state(path: str | Path) -> dict[str, Any]:
    """Reads it back.

    Raises:
        DataError: the file is not such a state, or is cut off.
    """
    expected = f"expected a safetensors file of '{FORMAT}'"
    metadata, tensors = read_safetensors(path)
    if metadata.get("format") != FORMAT:
        raise DataError(f"format is {shown(metadata.get('format'))}", remedy=expected, path=path)
    try:
        # copies: the file is replaced while training goes on
        state = decode(
            parse_json(metadata.get("state", ""), path), {key: value.clone() for key, value in tensors.items()}
        )
    except (ValueError, TypeError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"not readable as training state: {error}", remedy=expected, path=path) from None
    if not isinstance(state, dict):
        raise DataError("not readable as training state", remedy=expected, path=path)
    return state
