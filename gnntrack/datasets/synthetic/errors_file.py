"""Copied errors as a safetensors file: whole, finite, every row number checked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from gnntrack.array_saving import write_arrays
from gnntrack.datasets.synthetic.copied_errors import CopiedErrors
from gnntrack.datasets.synthetic.crossings import Crossings
from gnntrack.datasets.synthetic.detector_model import FalsePositives
from gnntrack.datasets.synthetic.hardness import Hardness
from gnntrack.errors import DataError
from gnntrack.loaders.json_text import parse_json
from gnntrack.loaders.tensors import Header, read_arrays, read_header
from gnntrack.recipes import Settings, parse
from gnntrack.remote import as_path

#: What such a file's name ends in.
SUFFIX = ".safetensors"
#: Type of each array on disk, and its axes: a name stands for a length, the same wherever it stands.
_ARRAYS: dict[str, tuple[str, tuple[str | int, ...]]] = {
    "lengths": ("i4", ("videos",)),
    "found": ("u1", ("boxes",)),
    "moves": ("f2", ("boxes", 4)),
    "confidence": ("f2", ("boxes",)),
    "calm": ("i4", ("stretches", 2)),
    "beside": ("i4", ("false positives",)),
    "beside_moves": ("f2", ("false positives", 4)),
    "beside_confidence": ("f2", ("false positives",)),
    "crossings.first": ("i4", ("crossings", 2)),
    "crossings.last": ("i4", ("crossings", 2)),
    "crossings.peak": ("f2", ("crossings",)),
    "crossings.traits": ("f2", ("crossings", 4)),
    "crossings.side": ("i1", ("crossings",)),
}
_TYPES = {"i4": "I32", "u1": "U8", "f2": "F16", "i1": "I8"}
_CROSSINGS = "crossings."
#: Errors are no larger, in box sizes or as a logarithm.
_LARGEST = 100.0
_REMEDY = "make one with gnntrack synth fit --copy"


class _About(Settings):
    """What stands beside the arrays."""

    description: str
    background: FalsePositives
    hardness: Hardness


def save_errors(path: str | Path, errors: CopiedErrors) -> None:
    """Writes them as safetensors, atomically.

    Raises:
        DataError: the folder cannot be written or the disk is full.
    """
    arrays = {}
    for name, (kind, _) in _ARRAYS.items():
        part = name.removeprefix(_CROSSINGS)
        values = getattr(errors if part == name else errors.crossings, part)
        arrays[name] = values.astype(kind)
    about = _About(description=errors.description, background=errors.background, hardness=errors.hardness)
    write_arrays(path, arrays, {"copied_errors": json.dumps(about.model_dump(mode="json"))})


def load_errors(path: str | Path) -> CopiedErrors:
    """Reads what :func:`save_errors` wrote.

    Raises:
        DataError: the file is missing, is none, or holds numbers that are no rows, no errors or no confidences.
    """
    header = read_header(path, _TYPES.values())
    about = parse_json(header.metadata.get("copied_errors", "null").encode(), path)
    if not isinstance(about, dict):
        raise DataError("no copied errors of a detector", remedy=_REMEDY, path=path)
    settings = parse(about, _About, as_path(path))
    _check_header(header, path)
    arrays = read_arrays(path, header)
    _check_values(arrays, path)
    wide: dict[str, Any] = {name: values.astype(_IN_MEMORY[_ARRAYS[name][0]]) for name, values in arrays.items()}
    crossings = {name.removeprefix(_CROSSINGS): wide.pop(name) for name in arrays if name.startswith(_CROSSINGS)}
    return CopiedErrors(
        **wide,
        crossings=Crossings(**crossings),
        background=settings.background,
        description=settings.description,
        hardness=settings.hardness,
    )


#: Types in memory by those on disk.
_IN_MEMORY = {"i4": np.int64, "u1": np.bool_, "f2": np.float64, "i1": np.float64}


def _check_header(header: Header, path: str | Path) -> None:
    """Raises where arrays are missing, of another type or shape, or do not fit to each other."""
    if header.tensors.keys() != _ARRAYS.keys():
        odd = sorted(header.tensors.keys() ^ _ARRAYS.keys())
        raise DataError(f"missing or unknown: {', '.join(odd[:4])}", remedy=_REMEDY, path=path)
    lengths: dict[str | int, int] = {2: 2, 4: 4}
    for name, (kind, axes) in _ARRAYS.items():
        info = header.tensors[name]
        expected = [lengths.setdefault(axis, size) for axis, size in zip(axes, info.shape, strict=False)]
        if info.dtype != _TYPES[kind] or list(info.shape) != expected or len(info.shape) != len(axes):
            problem = f"{name} is of type {info.dtype} and shape {list(info.shape)}"
            wanted = " × ".join(str(axis) for axis in axes)
            raise DataError(problem, remedy=f"expected {_TYPES[kind]} and {wanted}", path=path)


def _check_values(arrays: dict[str, np.ndarray], path: str | Path) -> None:
    """Raises where a number is out of its range."""
    boxes = len(arrays["found"])
    for name in ("moves", "beside_moves", "crossings.traits"):
        _within(name, arrays[name], -_LARGEST, _LARGEST, path)
    for name in ("confidence", "beside_confidence", "crossings.peak", "found"):
        _within(name, arrays[name], 0, 1, path)
    _within("crossings.side", np.abs(arrays["crossings.side"].astype(int)), 1, 1, path)
    _within("lengths", arrays["lengths"], 0, boxes, path)
    if int(arrays["lengths"].sum(dtype=np.int64)) != boxes or not len(arrays["calm"]):
        raise DataError(
            f"lengths of videos that do not add up to {boxes} boxes, or no stretch", remedy=_REMEDY, path=path
        )
    _within("beside", arrays["beside"], 0, boxes - 1, path)
    if (np.diff(arrays["beside"]) < 0).any():
        raise DataError("beside is not in order", remedy=_REMEDY, path=path)
    video = np.repeat(np.arange(len(arrays["lengths"])), arrays["lengths"])
    calm_first, calm_last = np.hsplit(arrays["calm"], 2)
    first, last = (arrays[_CROSSINGS + end] for end in ("first", "last"))
    for name, begin, end in (("calm", calm_first, calm_last), ("crossings", first, last)):
        _within(f"{name}: first row", begin, 0, boxes - 1, path)
        _within(f"{name}: rows", end - begin.astype(np.int64), 1, boxes, path)
        _within(f"{name}: row after the last", end, 1, boxes, path)
        if (video[begin] != video[end - 1]).any() or np.ptp(video[begin], axis=1).any():
            raise DataError(f"{name}: rows of several videos", remedy=_REMEDY, path=path)
    if len(np.unique(video[calm_first])) != np.count_nonzero(arrays["lengths"]):
        raise DataError("a video without a stretch", remedy=_REMEDY, path=path)


def _within(name: str, values: np.ndarray, low: float, high: float, path: str | Path) -> None:
    """Raises where a number is not finite or out of its range."""
    wrong = values[~((values >= low) & (values <= high))]
    if len(wrong):
        raise DataError(f"{name}: {wrong.flat[0]}", remedy=f"expected {low:g} to {high:g}", path=path)
