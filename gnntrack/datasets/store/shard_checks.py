"""Whether a shard holds what it says: shapes before anything is read, then one pass over the values."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from gnntrack.checks import LARGEST_FRAME
from gnntrack.datasets.store.index import FEATURES
from gnntrack.errors import DataError
from gnntrack.loaders.tensors import Header, TensorInfo

_REMEDY = "convert again"
_INTEGER, _FLOAT = "I64", "F32"
_NEIGHBOURS = "spatial_edge_index"
_NODE_WIDTH, _EDGE_WIDTH, _NEIGHBOUR_WIDTH = map(len, FEATURES)


def check_layout(header: Header, nodes: int, edges: int, path: Path) -> None:
    """Compares names, types and shapes with those of a shard of so many boxes and temporal edges.

    Raises:
        DataError: one is missing, too many or different.
    """
    there = header.tensors
    neighbours = there[_NEIGHBOURS].shape[-1] if _NEIGHBOURS in there and there[_NEIGHBOURS].shape else 0
    windows = there["windows"].shape[0] if "windows" in there and there["windows"].shape else 0
    wanted = {
        "x": TensorInfo(_FLOAT, (nodes, _NODE_WIDTH)),
        "pos": TensorInfo(_FLOAT, (nodes, 2)),
        "box": TensorInfo(_FLOAT, (nodes, 4)),
        "frame": TensorInfo(_INTEGER, (nodes,)),
        "conf": TensorInfo(_FLOAT, (nodes,)),
        "row": TensorInfo(_INTEGER, (nodes,)),
        "edge_index": TensorInfo(_INTEGER, (2, edges)),
        "edge_attr": TensorInfo(_FLOAT, (edges, _EDGE_WIDTH)),
        _NEIGHBOURS: TensorInfo(_INTEGER, (2, neighbours)),
        "spatial_edge_attr": TensorInfo(_FLOAT, (neighbours, _NEIGHBOUR_WIDTH)),
        "windows": TensorInfo(_INTEGER, (windows, 4)),
    }
    if there.keys() - wanted.keys():  # labels: both or none
        wanted |= {"identity": TensorInfo(_INTEGER, (nodes,)), "edge_label": TensorInfo(_FLOAT, (edges,))}
    for name in sorted(wanted.keys() | there.keys()):
        if there.get(name) != wanted.get(name):
            raise DataError(f"{name} is not what a shard has there", remedy=_REMEDY, path=path)


def check_values(tensors: Mapping[str, Tensor], path: Path) -> None:
    """Looks once at every value: ranges of indices and frames, order, finite features, windows that fit.

    Raises:
        DataError: a value is impossible.
    """
    nodes, frame, windows = len(tensors["frame"]), tensors["frame"], tensors["windows"]
    for name, low, high in (
        ("frame", 1, LARGEST_FRAME),
        ("row", 0, None),
        ("identity", -1, None),
        ("edge_label", 0, 1),
        ("conf", 0, 1),
        ("edge_index", 0, nodes - 1),
        (_NEIGHBOURS, 0, nodes - 1),
    ):
        if name in tensors and tensors[name].numel():
            least, most = (bound.item() for bound in torch.aminmax(tensors[name]))
            if not least >= low or (high is not None and not most <= high):  # nan is neither
                raise DataError(f"{name} reaches from {least:g} to {most:g}", remedy=_REMEDY, path=path)
    for name in ("x", "pos", "box", "edge_attr", "spatial_edge_attr"):
        if not _is_finite(tensors[name]):
            raise DataError(f"{name} holds a value that is not finite", remedy=_REMEDY, path=path)
    source, target = tensors["edge_index"]
    sound = {
        "frame": _ascending(frame),
        "edge_index": _ascending(source) and bool((target > source).all()),
        _NEIGHBOURS: _ascending(tensors[_NEIGHBOURS][0]),
        "windows": _windows_fit(windows, frame, source),
    }
    for name, fits in sound.items():
        if not fits:
            raise DataError(f"{name} is not in order", remedy=_REMEDY, path=path)


def _is_finite(values: Tensor) -> bool:
    """Whether all are; a sum is faster than checking each, and is not finite if one of them is not."""
    return bool(torch.isfinite(values.sum())) or bool(torch.isfinite(values).all())


def _ascending(values: Tensor) -> bool:
    return bool((values[1:] >= values[:-1]).all())


def _windows_fit(windows: Tensor, frame: Tensor, source: Tensor) -> bool:
    """Whether windows run forwards, and each has as many boxes as it says, and no more edges than could be."""
    first, last, boxes, edges = windows.T.contiguous()
    source = source.contiguous()
    start, stop = torch.searchsorted(frame, first), torch.searchsorted(frame, last, right=True)
    most = torch.searchsorted(source, stop) - torch.searchsorted(source, start)
    return bool(
        (first <= last).all()
        & (first[1:] > first[:-1]).all()
        & (boxes == stop - start).all()
        & (edges >= 0).all()
        & (edges <= most).all()
    )
