"""Safetensors files: the header is checked against the file before a byte is allocated."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

import numpy as np
from safetensors import SafetensorError, deserialize

from gnntrack.errors import DataError
from gnntrack.loaders.json_text import parse_json
from gnntrack.loaders.text import open_file
from gnntrack.remote import is_remote
from gnntrack.showing import shown

#: Names and bytes of the types that tensors in our files may have.
SIZES = {
    "BOOL": 1, "U8": 1, "I8": 1, "I16": 2, "I32": 4, "I64": 8, "BF16": 2, "F16": 2, "F32": 4, "F64": 8,
}  # fmt: skip
FLOATS = frozenset({"BF16", "F16", "F32", "F64"})
#: Types of the arrays of a state.
ARRAYS = frozenset({"BOOL", "I64", "F64"})
#: Types that numpy has too.
_NUMPY = {
    "BOOL": "?", "U8": "u1", "I8": "i1", "I16": "<i2", "I32": "<i4", "I64": "<i8",
    "F16": "<f2", "F32": "<f4", "F64": "<f8",
}  # fmt: skip
#: Bytes of a header, and tensors in a file: a checkpoint's state stands in the header.
LARGEST_HEADER, MOST_TENSORS, MOST_AXES = 64 * 2**20, 100_000, 8
#: Bytes of a remote file that are asked for first: the headers of most files are smaller.
_START = 2**16
REMEDY = "expected a whole safetensors file"


@dataclass(frozen=True)
class TensorInfo:
    """What the header says of one tensor.

    Attributes:
        dtype: its type by safetensors' name, such as ``F32``.
        shape: its axes.
    """

    dtype: str
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Header:
    """What a safetensors file says of itself.

    Attributes:
        metadata: texts by name.
        tensors: every tensor by name.
    """

    metadata: Mapping[str, str]
    tensors: Mapping[str, TensorInfo]


def read_header(
    path: str | Path,
    dtypes: Collection[str] = SIZES.keys(),
    check: Callable[[Mapping[str, str]], None] = lambda metadata: None,
) -> Header:
    """The checked header of a safetensors file; no tensor is read.

    The header fits into the file, and every tensor is of an allowed type, has a sane shape and lies where its type and
    shape say; together they fill the file.

    Args:
        path: the file.
        dtypes: types that a tensor may have, by safetensors' names (:data:`SIZES`).
        check: gets the metadata before tensors are looked at; raises for a file of another kind.

    Raises:
        DataError: the file is missing, cut off or no such file, or a tensor is of another type.

    Example:
        >>> import tempfile
        >>> from safetensors.numpy import save_file
        >>> path = tempfile.mkdtemp() + "/a.safetensors"
        >>> save_file({"one": np.ones((2, 3), np.float32)}, path, {"format": "mine"})
        >>> header = read_header(path)
        >>> dict(header.metadata), header.tensors["one"]
        ({'format': 'mine'}, TensorInfo(dtype='F32', shape=(2, 3)))
        >>> read_header(path, {"F64"})
        Traceback (most recent call last):
            ...
        gnntrack.errors.DataError: ...a.safetensors: tensor 'one' is of type 'F32'; expected F64
    """
    raw, size = _raw_header(path)
    length = len(raw)
    content = parse_json(raw, path)
    if not isinstance(content, dict):
        raise DataError("a header that is no object", remedy=REMEDY, path=path)
    metadata = content.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(text, str) for text in metadata.values()):
        raise DataError("metadata that are not texts by name", remedy=REMEDY, path=path)
    check(metadata)
    if len(content) > MOST_TENSORS:
        raise DataError(f"{len(content)} tensors", remedy=f"at most {MOST_TENSORS} are read", path=path)
    tensors: dict[str, TensorInfo] = {}
    places: list[tuple[int, int]] = []
    for name, entry in content.items():
        tensors[name], place = _entry(name, entry, dtypes, path)
        places.append(place)
    end = 0
    for start, stop in sorted(places):
        if start != end:
            raise DataError("tensors overlap or leave gaps", remedy=REMEDY, path=path)
        end = stop
    if end != size - 8 - length:
        problem = f"tensors of {end} bytes in a file that has {size - 8 - length} for them"
        raise DataError(problem, remedy=REMEDY, path=path)
    return Header(metadata, tensors)


def _raw_header(path: str | Path) -> tuple[bytes, int]:
    """The header's text, and the size of the file; of a remote one nothing else is fetched."""
    if is_remote(path):
        size, start = path.size(), path.start(_START)
        length = _header_length(start, size, path)
        return (start if length + 8 <= len(start) else path.start(length + 8))[8 : length + 8], size
    with open_file(path) as file:
        size = os.fstat(file.fileno()).st_size
        return file.read(_header_length(file.read(8), size, path)), size


def _header_length(start: bytes, size: int, path: str | Path) -> int:
    length = int.from_bytes(start[:8], "little")
    if size < 8 or length > size - 8:
        raise DataError("cut off, or no safetensors file", remedy=REMEDY, path=path)
    if length > LARGEST_HEADER:
        raise DataError(f"a header of {length} bytes", remedy=REMEDY, path=path)
    return length


def _entry(name: str, entry: Any, dtypes: Collection[str], path: str | Path) -> tuple[TensorInfo, tuple[int, int]]:
    """One tensor of the header, and where its bytes begin and end."""
    dtype, shape, place = (entry.get(key) if isinstance(entry, dict) else None for key in _KEYS)
    if not isinstance(dtype, str) or dtype not in SIZES or dtype not in dtypes:
        expected = ", ".join(sorted(dtypes))
        raise DataError(f"tensor {shown(name)} is of type {shown(dtype)}", remedy=f"expected {expected}", path=path)
    if not _are_sizes(shape) or len(shape) > MOST_AXES:
        raise DataError(f"tensor {shown(name)} has the shape {shown(shape)}", remedy=REMEDY, path=path)
    if not _are_sizes(place) or len(place) != 2 or math.prod(shape) * SIZES[dtype] != place[1] - place[0]:
        problem = f"tensor {shown(name)} of shape {shown(shape)} does not lie at {shown(place)}"
        raise DataError(problem, remedy=REMEDY, path=path)
    return TensorInfo(dtype, tuple(shape)), (place[0], place[1])


_KEYS = ("dtype", "shape", "data_offsets")


def _are_sizes(values: Any) -> TypeGuard[list[int]]:
    return isinstance(values, list) and all(type(value) is int and 0 <= value < 2**48 for value in values)


def read_floats(path: str | Path, header: Header) -> dict[str, np.ndarray]:
    """The tensors of a file whose header was checked and names :data:`FLOATS` alone: float32 arrays of their own.

    Raises:
        DataError: the file has changed, or cannot be read.

    Example:
        >>> import tempfile
        >>> from safetensors.numpy import save_file
        >>> path = tempfile.mkdtemp() + "/a.safetensors"
        >>> save_file({"one": np.array([0.5, 2.0])}, path)
        >>> read_floats(path, read_header(path, FLOATS))
        {'one': array([0.5, 2. ], dtype=float32)}
    """
    data = _data(path, header)
    return {name: _float32(data[name], entry) for name, entry in header.tensors.items()}


def read_arrays(path: str | Path, header: Header) -> dict[str, np.ndarray]:
    """The tensors of a file whose header was checked and names no BF16: arrays of their own.

    Raises:
        DataError: the file has changed, or cannot be read.

    Example:
        >>> import tempfile
        >>> from safetensors.numpy import save_file
        >>> path = tempfile.mkdtemp() + "/a.safetensors"
        >>> save_file({"one": np.array([True, False]), "two": np.array(5)}, path)
        >>> sorted(read_arrays(path, read_header(path, ARRAYS)).items())
        [('one', array([ True, False])), ('two', array(5))]
    """
    data = _data(path, header)
    return {
        name: np.frombuffer(data[name], _NUMPY[entry.dtype]).reshape(entry.shape).copy()
        for name, entry in header.tensors.items()
    }


def _data(path: str | Path, header: Header) -> dict[str, bytes | bytearray]:
    """The bytes of every tensor."""
    with open_file(path) as file:
        data = file.read()
    try:
        entries = dict(deserialize(data))  # type: ignore[no-untyped-call]
    except (SafetensorError, ValueError) as error:
        raise DataError(f"cannot read: {str(error)[:80]}", remedy=REMEDY, path=path) from None
    found = {name: TensorInfo(entry["dtype"], tuple(entry["shape"])) for name, entry in entries.items()}
    if found != dict(header.tensors):
        raise changed(path)
    return {name: entry["data"] for name, entry in entries.items()}


def _float32(data: bytes | bytearray, entry: TensorInfo) -> np.ndarray:
    """Numbers of one of :data:`FLOATS`; what is too large for float32 becomes infinite."""
    if entry.dtype == "BF16":  # the upper half of a float32
        values = (np.frombuffer(data, "<u2").astype(np.uint32) << 16).view(np.float32)
    else:
        with np.errstate(over="ignore"):
            values = np.frombuffer(data, _NUMPY[entry.dtype]).astype(np.float32)
    return values.reshape(entry.shape)


def changed(path: str | Path) -> DataError:
    """The error of a file that is no longer what its header said."""
    return DataError("changed while it was read", remedy="read it again", path=path)
