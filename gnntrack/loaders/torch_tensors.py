"""Safetensors files as tensors of torch, memory-mapped."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load

from gnntrack.errors import DataError
from gnntrack.loaders.tensors import REMEDY, SIZES, Header, changed, read_header
from gnntrack.remote import local_copy


def read_tensors(path: str | Path, header: Header) -> dict[str, torch.Tensor]:
    """The tensors of a file whose header was checked; they are memory-mapped.

    Raises:
        DataError: the file has changed, or cannot be read.
    """
    try:
        with local_copy(path) as copy, safe_open(copy, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in header.tensors}
    except DataError:
        raise
    except (SafetensorError, OSError, ValueError, RuntimeError) as error:
        raise DataError(f"cannot read: {str(error)[:80]}", remedy=REMEDY, path=path) from None
    if any(tuple(tensor.shape) != header.tensors[name].shape for name, tensor in tensors.items()):
        raise changed(path)
    return tensors


def read_safetensors(
    path: str | Path, dtypes: Collection[str] = SIZES.keys()
) -> tuple[Mapping[str, str], dict[str, torch.Tensor]]:
    """The metadata and tensors of a safetensors file; :func:`.tensors.read_header` says what is checked first.

    Where shapes have to fit something else, call :func:`read_header`, compare, then :func:`read_tensors`.

    Raises:
        DataError: the file is missing, cut off or no such file, or a tensor is of another type.
    """
    header = read_header(path, dtypes)
    return header.metadata, read_tensors(path, header)


def unpacked_tensors(data: bytes) -> dict[str, torch.Tensor]:
    """The tensors of a message from another process of the same run, in the same form as in files.

    Example:
        >>> from safetensors.torch import save
        >>> unpacked_tensors(save({"a": torch.ones(2)}))
        {'a': tensor([1., 1.])}
    """
    return load(data)
