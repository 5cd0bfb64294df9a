"""What the tensors of a graph must be like before anything is computed with them: errors that name the field."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from gnntrack.errors import DataError

_WHOLE = (torch.int8, torch.int16, torch.int32, torch.int64, torch.uint8)


def check_devices(tensors: Mapping[str, object]) -> None:
    """Raises where two tensors lie on two devices; what is no tensor lies nowhere.

    Raises:
        DataError: it names the first tensor and the one that lies elsewhere.

    Example:
        >>> check_devices({"logits": torch.zeros(2, device="meta"), "edge_index": torch.zeros(2, 2)})
        Traceback (most recent call last):
            ...
        gnntrack.errors.DataError: edge_index is on cpu, logits on meta; move all to one device
    """
    places = [(name, values.device) for name, values in tensors.items() if isinstance(values, Tensor)]
    for name, device in places[1:]:
        first, home = places[0]
        if device != home:
            raise DataError(f"{name} is on {device}, {first} on {home}", remedy="move all to one device")


def check_whole(name: str, values: Tensor, remedy: str = "give whole numbers, .long()") -> None:
    """Raises where numbers that name things are not whole by their type.

    Raises:
        DataError: see above.
    """
    if values.dtype not in _WHOLE:
        raise DataError(f"{name} is {values.dtype}", remedy=remedy)


def check_rows(name: str, values: object, count: int, of: str, width: int | None = None) -> None:
    """Raises where a tensor (or a list) has not one row per thing, or rows of the wrong width.

    Args:
        name: of the field.
        values: the tensor; ``None`` passes.
        count: how many rows it should have.
        of: what they belong to, in the plural.
        width: columns that it should have; ``None``: it is ``(count,)``.

    Raises:
        DataError: see above.

    Example:
        >>> check_rows("identity", torch.zeros(3), 4, "nodes")
        Traceback (most recent call last):
            ...
        gnntrack.errors.DataError: identity has 3 entries for 4 nodes; give one per node
    """
    if values is None:
        return
    shape = tuple(values.shape) if isinstance(values, Tensor) else tuple(torch.as_tensor(values).shape)
    if not shape or shape[0] != count:
        entries = shape[0] if shape else 1
        raise DataError(f"{name} has {entries} entries for {count} {of}", remedy=f"give one per {of.removesuffix('s')}")
    wanted = (count,) if width is None else (count, width)
    if shape != wanted:
        raise DataError(f"{name} has shape {shape}", remedy=f"give {wanted}")


def check_index(name: str, index: Tensor, nodes: int) -> None:
    """Raises where pairs of nodes are not ``(2, M)`` int64, or name a node that is not there.

    A graph that was cut by hand keeps the pairs that its cutter did not know of: PyG's ``subgraph`` renumbers
    ``edge_index`` alone.

    Raises:
        DataError: see above.

    Example:
        >>> check_index("spatial_edge_index", torch.tensor([[0, 1], [1, 20]]), 20)
        Traceback (most recent call last):
            ...
        gnntrack.errors.DataError: spatial_edge_index names a node outside 0..19: 20; rebuild the graph...
    """
    if index.dim() != 2 or index.shape[0] != 2:
        raise DataError(f"{name} has shape {tuple(index.shape)}", remedy="give (2, M)")
    if index.dtype != torch.int64:
        raise DataError(f"{name} is {index.dtype}", remedy="give node numbers as int64, .long()")
    if not index.numel() or index.is_meta:
        return
    lowest, highest = torch.stack(index.aminmax()).tolist()
    if lowest < 0 or highest >= nodes:
        wrong = lowest if lowest < 0 else highest
        raise DataError(
            f"{name} names a node outside 0..{nodes - 1}: {wrong}",
            remedy="rebuild the graph, or cut it with gnntrack.graphs.slice_window",
        )
