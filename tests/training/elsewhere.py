"""A device that is not there: tensors that say that they are elsewhere, and meet no tensor of the CPU.

Their values are on the CPU all the same, so whatever depends on them works as on a real device.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

#: What the tensors say.
DEVICE = torch.device("meta")


class OnCPUError(AssertionError):
    """A tensor of the CPU met one that is elsewhere."""


class Elsewhere(Tensor):
    """A tensor on the device; ``held`` has its values."""

    held: Tensor

    @staticmethod
    def __new__(cls, real: Tensor) -> Elsewhere:
        options = {"dtype": real.dtype, "device": DEVICE, "strides": real.stride()}
        return Tensor._make_wrapper_subclass(cls, real.shape, **options)

    def __init__(self, real: Tensor) -> None:
        self.held = real

    def tolist(self) -> Any:
        """The values; subclasses have no such method of their own."""
        return self.held.tolist()

    __torch_function__ = torch._C._disabled_torch_function_impl

    @classmethod
    def __torch_dispatch__(cls, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _run(function, args, kwargs or {})


class Literals(TorchFunctionMode):
    """Tensors of values: ``tensor`` and ``as_tensor`` with a device, ``new_tensor``. Below, no operation shows them."""

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        made = function is torch.tensor or (function is torch.as_tensor and not isinstance(args[0], Tensor))
        if made and torch.device(kwargs.get("device") or "cpu") == DEVICE:
            return Elsewhere(function(*args, **kwargs | {"device": "cpu"}))
        if function is Tensor.new_tensor and isinstance(args[0], Elsewhere):
            return Elsewhere(torch.tensor(args[1], dtype=args[0].dtype))
        return function(*args, **kwargs)


class NothingByHand(TorchDispatchMode):
    """While it is entered, tensors may be moved to the device and made on it; others must not meet its own."""

    def __enter__(self) -> NothingByHand:
        self._literals = Literals()
        self._literals.__enter__()
        super().__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        super().__exit__(*error)
        self._literals.__exit__(*error)

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _run(function, args, kwargs or {})


def _run(function: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    leaves = tree_leaves((args, kwargs))
    there = [leaf for leaf in leaves if isinstance(leaf, Elsewhere)]
    here = [leaf for leaf in leaves if isinstance(leaf, Tensor) and not isinstance(leaf, Elsewhere)]
    if there and here:
        raise OnCPUError(f"{function}: a tensor of the CPU, of shape {tuple(here[0].shape)}")
    wanted = kwargs.get("device")
    known = {id(leaf.held): leaf for leaf in there}
    args, kwargs = tree_map(lambda leaf: leaf.held if isinstance(leaf, Elsewhere) else leaf, (args, kwargs))
    if wanted is not None:
        kwargs = kwargs | {"device": torch.device("cpu")}
    result = function(*args, **kwargs)
    if torch.device(wanted) != DEVICE if wanted is not None else not there:
        return result
    return tree_map(lambda leaf: _there(leaf, known) if isinstance(leaf, Tensor) else leaf, result)


def _there(result: Tensor, known: dict[int, Elsewhere]) -> Elsewhere:
    """What holds the result: of an operation in place, the one that it was made of."""
    return known[id(result)] if id(result) in known else Elsewhere(result)


def move(module: nn.Module) -> None:
    """Moves all weights and buffers there."""
    for part in module.modules():
        for name, parameter in part._parameters.items():
            if parameter is not None:
                part._parameters[name] = nn.Parameter(Elsewhere(parameter.data), parameter.requires_grad)
        for name, buffer in part._buffers.items():
            if buffer is not None:
                part._buffers[name] = Elsewhere(buffer)
