"""Training checkpoints without pickle: tensors as safetensors, everything else as JSON in the same file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lightning.pytorch.plugins.io import CheckpointIO
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from gnntrack.errors import DataError
from gnntrack.files import atomic_path

FORMAT = "gnntrack checkpoint 1"


def encode(value: Any, tensors: dict[str, Tensor]) -> Any:
    """Nested state as JSON values; tensors are put into ``tensors`` and named in their place.

    Example:
        >>> import torch
        >>> tensors = {}
        >>> state = encode({0: [torch.ones(2), 1.5]}, tensors)
        >>> state, list(tensors)
        ({'mapping': [[0, {'list': [{'tensor': '0'}, 1.5]}]]}, ['0'])
        >>> decode(state, tensors)
        {0: [tensor([1., 1.]), 1.5]}
    """
    if isinstance(value, Tensor):
        name = str(len(tensors))
        tensors[name] = value.detach().cpu().contiguous().clone()
        return {"tensor": name}
    if isinstance(value, dict):
        return {"mapping": [[encode(key, tensors), encode(item, tensors)] for key, item in value.items()]}
    if isinstance(value, (list, tuple)):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [encode(item, tensors) for item in value]}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(f"a checkpoint cannot hold {type(value).__name__}")


def decode(value: Any, tensors: dict[str, Tensor]) -> Any:
    """The inverse of :func:`encode`."""
    if not isinstance(value, dict):
        return value
    (kind, content), *_ = value.items()
    if kind == "tensor":
        return tensors[content]
    if kind == "mapping":
        return {decode(key, tensors): decode(item, tensors) for key, item in content}
    items = [decode(item, tensors) for item in content]
    return tuple(items) if kind == "tuple" else items


class SafetensorsCheckpoints(CheckpointIO):
    """Lets Lightning save and resume through safetensors files; writes are atomic."""

    def save_checkpoint(self, checkpoint: dict[str, Any], path: Any, storage_options: Any = None) -> None:
        """Writes the training state that Lightning hands over."""
        tensors: dict[str, Tensor] = {}
        state = json.dumps(encode(checkpoint, tensors))
        with atomic_path(path) as temporary:
            save_file(tensors, temporary, metadata={"format": FORMAT, "state": state})

    def load_checkpoint(
        self, path: Any, map_location: Callable[..., Any] | None = None, weights_only: bool | None = None
    ) -> dict[str, Any]:
        """Reads it back.

        Raises:
            DataError: the file is not such a checkpoint, or is cut off.
        """
        expected = f"expected a safetensors file of '{FORMAT}'"
        try:
            with safe_open(Path(path), framework="pt") as file:
                metadata = file.metadata() or {}
                if metadata.get("format") != FORMAT:
                    raise DataError(f"format is {metadata.get('format')!r}", remedy=expected, path=path)
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  (not a dict)
            state: dict[str, Any] = decode(json.loads(metadata["state"]), tensors)
        except (SafetensorError, OSError, KeyError, ValueError) as error:
            if isinstance(error, DataError):
                raise
            raise DataError(f"not readable as a checkpoint: {error}", remedy=expected, path=path) from None
        return state

    def remove_checkpoint(self, path: Any) -> None:
        """Deletes an old checkpoint."""
        Path(path).unlink(missing_ok=True)
