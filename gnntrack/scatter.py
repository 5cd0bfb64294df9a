"""Scatter operations along the first axis: torch-scatter where it is installed, torch otherwise, equal results.

Every sum over "the links of a node" or "the nodes of a graph" in the package is one of these calls. Empty groups give 0
(softmax has nothing to give there, log-sum-exp gives −inf), as in torch-scatter. Half precision is summed in float32,
and only the result is rounded: bfloat16 counts to 256. Under ``torch.compile`` the torch path is taken, because
torch-scatter's own kernels cannot be traced.
"""

from __future__ import annotations

import importlib
import importlib.util
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any, Literal

import torch
from torch import Tensor

from gnntrack.errors import DataError, DataWarning
from gnntrack.precision import HALF

Backend = Literal["torch", "torch_scatter"]
_chosen: ContextVar[Backend | None] = ContextVar("scatter_backend", default=None)


def backend() -> Backend:
    """The backend in use: the one of the enclosing :func:`use_backend`, else torch-scatter where it can be loaded."""
    return _chosen.get() or ("torch_scatter" if _torch_scatter() is not None else "torch")


@contextmanager
def use_backend(name: Backend) -> Iterator[None]:
    """Fixes the backend inside a ``with`` block.

    Raises:
        DataError: torch-scatter is asked for and is not there.

    Example:
        >>> with use_backend("torch"):
        ...     backend()
        'torch'
    """
    if name == "torch_scatter" and _torch_scatter() is None:
        raise DataError("torch-scatter is not installed", remedy="install gnntrack[scatter] or use the torch backend")
    token = _chosen.set(name)
    try:
        yield
    finally:
        _chosen.reset(token)


@cache
def _torch_scatter() -> Any:
    """The torch-scatter module, or None where it is missing or was compiled for another torch."""
    if importlib.util.find_spec("torch_scatter") is None:
        return None
    try:
        return importlib.import_module("torch_scatter")
    except (ImportError, OSError, RuntimeError) as error:
        warnings.warn(f"torch-scatter does not load ({error}); torch is used instead", DataWarning, stacklevel=2)
        return None


def _library() -> Any:
    """torch-scatter if this call should use it, else None."""
    if torch.compiler.is_compiling() or _chosen.get() == "torch":
        return None
    return _torch_scatter()


def rows(values: Tensor, index: Tensor) -> Tensor:
    """``values[index]`` along the first axis; several times as fast as indexing, forward and backward.

    Example:
        >>> rows(torch.tensor([5.0, 7.0]), torch.tensor([1, 1, 0])).tolist()
        [7.0, 7.0, 5.0]
    """
    return values.index_select(0, index)


def scatter_sum(values: Tensor, index: Tensor, size: int) -> Tensor:
    """Sums the rows of ``values`` that share an index.

    Args:
        values: ``(M, ...)``.
        index: ``(M,)`` int64, the group of each row, in ``[0, size)``.
        size: number of groups.

    Returns:
        ``(size, ...)``.

    Example:
        >>> scatter_sum(torch.tensor([1.0, 2.0, 4.0]), torch.tensor([0, 0, 2]), 3).tolist()
        [3.0, 0.0, 4.0]
    """
    if values.dtype in HALF:
        return scatter_sum(values.float(), index, size).to(values.dtype)
    if size == 1:
        return values.sum(0, keepdim=True)
    library = _library()
    if library is not None:
        result: Tensor = library.scatter_sum(values, index, dim=0, dim_size=size)
        return result
    return values.new_zeros((size, *values.shape[1:])).index_add(0, index, values)


def scatter_mean(values: Tensor, index: Tensor, size: int) -> Tensor:
    """Mean of the rows that share an index; 0 where a group is empty. Shapes as in :func:`scatter_sum`.

    Example:
        >>> scatter_mean(torch.tensor([1.0, 2.0, 4.0]), torch.tensor([0, 0, 2]), 3).tolist()
        [1.5, 0.0, 4.0]
    """
    if values.dtype in HALF:
        return scatter_mean(values.float(), index, size).to(values.dtype)
    library = _library()
    if library is not None:
        result: Tensor = library.scatter_mean(values, index, dim=0, dim_size=size)
        return result
    count = scatter_sum(values.new_ones(len(index)), index, size).clamp(min=1)
    return scatter_sum(values, index, size) / count.reshape(-1, *[1] * (values.dim() - 1))


def scatter_max(values: Tensor, index: Tensor, size: int) -> Tensor:
    """Largest of the rows that share an index, per column; 0 where a group is empty.

    The gradient goes to the first of equal rows, as in torch-scatter. Shapes as in :func:`scatter_sum`.

    Example:
        >>> scatter_max(torch.tensor([1.0, 2.0, -4.0]), torch.tensor([0, 0, 2]), 3).tolist()
        [2.0, 0.0, -4.0]
    """
    library = _library()
    if library is not None:
        result: Tensor = library.scatter_max(values, index, dim=0, dim_size=size)[0]
        return result
    shape = (size, *values.shape[1:])
    column_index = index.reshape(-1, *[1] * (values.dim() - 1)).expand_as(values)
    fixed = values.detach()
    largest = fixed.new_full(shape, -torch.inf).scatter_reduce(0, column_index, fixed, "amax")
    number = torch.arange(len(index), device=index.device).reshape(-1, *[1] * (values.dim() - 1)).expand_as(values)
    candidates = torch.where(fixed == largest.gather(0, column_index), number, len(index))
    first = number.new_full(shape, len(index)).scatter_reduce(0, column_index, candidates, "amin")
    return torch.cat([values, values.new_zeros((1, *values.shape[1:]))]).gather(0, first)


def group_max(values: Tensor, index: Tensor, size: int, floor: float | None = None) -> Tensor:
    """The largest value of every group without gradient, at least ``floor``; −inf where a group is empty.

    What is subtracted before ``exp``; :func:`scatter_max` is the one with a gradient.
    """
    column_index = index.reshape(-1, *[1] * (values.dim() - 1)).expand_as(values)
    start = values.new_full((size, *values.shape[1:]), -torch.inf if floor is None else floor)
    return start.scatter_reduce(0, column_index, values.detach(), "amax")


def scatter_softmax(values: Tensor, index: Tensor, size: int) -> Tensor:
    """Softmax of every row among the rows that share its index, per column: ``(M, ...)`` to ``(M, ...)``.

    Example:
        >>> scatter_softmax(torch.tensor([3.0, 3.0, 7.0]), torch.tensor([0, 0, 2]), 3).tolist()
        [0.5, 0.5, 1.0]
    """
    if values.dtype in HALF:
        return scatter_softmax(values.float(), index, size).to(values.dtype)
    raised = (values - rows(group_max(values, index, size), index)).exp()
    return raised / rows(scatter_sum(raised, index, size), index)


def scatter_logsumexp(values: Tensor, index: Tensor, size: int, *, null: bool = False) -> Tensor:
    """``log Σ exp`` over the rows that share an index: ``(M, ...)`` to ``(size, ...)``.

    Args:
        values: ``(M, ...)``.
        index: ``(M,)`` group of each row.
        size: number of groups.
        null: count one more row with the value 0 in every group ("none of these"); without it, an empty group gives
            −inf.

    Example:
        >>> scatter_logsumexp(torch.tensor([0.0, 0.0]), torch.tensor([0, 0]), 2, null=True).exp().round().tolist()
        [3.0, 1.0]
    """
    if values.dtype in HALF:
        return scatter_logsumexp(values.float(), index, size, null=null).to(values.dtype)
    largest = group_max(values, index, size, 0.0 if null else None)
    total = scatter_sum((values - rows(largest, index)).exp(), index, size)
    if null:
        total = total + (-largest).exp()
    finite = torch.where(largest == -torch.inf, 0.0, largest)
    return total.log() + finite
