"""Layers of the window network with compiled passes in place of chains of operations, for learning on a processor."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import Function, once_differentiable

from gnntrack.models.fused_activations import gelu_of_sum, gelu_of_sum_back, mix, mix_back
from gnntrack.models.fused_messages import attend, gather, gather_back, neighbours, neighbours_back
from gnntrack.models.fused_norms import norm_back, norm_of_sum
from gnntrack.models.window_layers import Pairs, WindowLayers


def layers_for(training: bool, *tensors: Tensor) -> WindowLayers:
    """The layers to take: fused where a network learns in float32 on the CPU, and nothing else looks on.

    Args:
        training: whether it learns.
        tensors: inputs and a weight.
    """
    watched = torch.compiler.is_compiling() or torch.is_autocast_enabled("cpu")
    plain = all(tensor.device.type == "cpu" and tensor.dtype == torch.float32 for tensor in tensors)
    return FusedLayers() if training and plain and torch.is_grad_enabled() and not watched else WindowLayers()


class FusedLayers(WindowLayers):
    """The same functions up to rounding, differentiable once."""

    def gelu_of_linear(self, x: Tensor, linear: nn.Linear) -> Tensor:
        """See :class:`WindowLayers`."""
        return _tensor(_Gelu, x @ linear.weight.mT, linear.bias)

    def norm_of_sum(self, x: Tensor | None, mixed: Tensor, linear: nn.Linear, norm: nn.LayerNorm) -> Tensor:
        """See :class:`WindowLayers`."""
        return _tensor(_NormOfSum, x, mixed @ linear.weight.mT, linear.bias, norm.weight, norm.bias)

    def mix(self, x: Tensor, first: Tensor, of_source: Tensor, of_target: Tensor, links: Pairs) -> Tensor:
        """See :class:`WindowLayers`."""
        return _tensor(_Mix, x, first, of_source, of_target, links.source, links.target)

    def messages(self, edges: Tensor, attention: nn.Linear, links: Pairs) -> tuple[Tensor, Tensor]:
        """See :class:`WindowLayers`."""
        result: Any = _Messages.apply(edges, attention.weight, attention.bias, *links)  # type: ignore[no-untyped-call]
        ahead, behind = result
        return ahead, behind

    def neighbours(self, of_source: Tensor, spatial: Tensor, pairs: Pairs) -> Tensor:
        """See :class:`WindowLayers`."""
        return _tensor(_Neighbours, of_source, spatial, pairs.source, pairs.target)


class _Gelu(Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, bias: Tensor) -> Tensor:
        slope = torch.empty_like(x)
        gelu_of_sum(*_arrays(x, bias, slope))
        ctx.mark_dirty(x)
        ctx.save_for_backward(slope)
        return x

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor]:
        (slope,) = ctx.saved_tensors
        result, to_bias = torch.empty_like(slope), slope.new_zeros(slope.shape[1])
        gelu_of_sum_back(*_arrays(gradient, slope, to_bias, result))
        return result, to_bias


class _Mix(Function):
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, first: Tensor, of_source: Tensor, of_target: Tensor, source: Tensor, target: Tensor
    ) -> Tensor:
        slope = torch.empty_like(x)
        mix(*_arrays(x, first, of_source, of_target, source, target, slope))
        ctx.mark_dirty(x)
        ctx.save_for_backward(slope, source, target)
        ctx.nodes = len(of_source)
        return x

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        slope, source, target = ctx.saved_tensors
        result = torch.empty_like(slope)
        to_source, to_target = (slope.new_zeros((ctx.nodes, slope.shape[1])) for _ in range(2))
        mix_back(*_arrays(gradient, slope, source, target, to_source, to_target, result))
        return result, result, to_source, to_target, None, None


class _NormOfSum(Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor | None, change: Tensor, bias: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
        spread, result, unit = change.new_empty(len(change)), torch.empty_like(change), change.detach()
        ctx.summed = x is not None
        norm_of_sum(*_arrays(change[:0] if x is None else x, unit, bias, scale, shift, spread, result))
        ctx.save_for_backward(scale, unit, spread)
        return result

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        scale, unit, spread = ctx.saved_tensors
        to_bias, to_scale, to_shift = (torch.zeros_like(scale) for _ in range(3))
        result = torch.empty_like(unit)
        norm_back(*_arrays(gradient, scale, unit, spread, to_bias, to_scale, to_shift, result))
        return result if ctx.summed else None, result, to_bias, to_scale, to_shift


class _Messages(Function):
    @staticmethod
    def forward(
        ctx: Any, edges: Tensor, weight: Tensor, bias: Tensor, source: Tensor, target: Tensor, nodes: int
    ) -> tuple[Tensor, Tensor]:
        share = edges.new_empty((2, len(edges)))
        ahead, behind = (edges.new_zeros((nodes, edges.shape[1])) for _ in range(2))
        largest = edges.new_full((2, nodes), -torch.inf)
        attend(*_arrays(edges, weight, bias, source, target, largest, share))
        gather(*_arrays(edges, share.exp_(), source, target, ahead, behind))
        ctx.save_for_backward(edges, weight, share, source, target, ahead, behind)
        return ahead, behind

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, of_ahead: Tensor, of_behind: Tensor) -> tuple[Tensor | None, ...]:
        edges, weight, share, source, target, ahead, behind = ctx.saved_tensors
        mean = torch.stack([(of_ahead * ahead).sum(1), (of_behind * behind).sum(1)])
        result, to_attention = torch.empty_like(edges), torch.empty_like(share)
        arrays = _arrays(of_ahead, of_behind, mean, edges, weight, share, source, target, result, to_attention)
        gather_back(*arrays)
        return result, to_attention @ edges, to_attention.sum(1), None, None, None


class _Neighbours(Function):
    @staticmethod
    def forward(ctx: Any, of_source: Tensor, spatial: Tensor, source: Tensor, target: Tensor) -> Tensor:
        result, share = torch.zeros_like(of_source), spatial.new_empty(len(of_source))
        positive = torch.empty_like(spatial, dtype=torch.bool)
        neighbours(*_arrays(of_source, spatial, source, target, positive, share, result))
        ctx.save_for_backward(positive, share, source, target)
        return result

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        positive, share, source, target = ctx.saved_tensors
        to_source, to_spatial = torch.zeros_like(gradient), gradient.new_empty(positive.shape)
        neighbours_back(*_arrays(gradient, positive, share, source, target, to_source, to_spatial))
        return to_source, to_spatial, None, None


def _tensor(function: type[Function], *tensors: Tensor | None) -> Tensor:
    result: Tensor = function.apply(*tensors)  # type: ignore[no-untyped-call]
    return result


def _arrays(*tensors: Tensor) -> list[Any]:
    """Tensors as contiguous arrays that share their memory, so that what is filled is filled there."""
    return [tensor.detach().contiguous().numpy() for tensor in tensors]
