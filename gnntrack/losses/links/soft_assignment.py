"""From link logits to flows: how much of every detection goes along every candidate link."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from gnntrack.precision import full_precision
from gnntrack.scatter import rows, scatter_logsumexp, scatter_sum


class SideSums(NamedTuple):
    """``log(1 + Σ e^s)`` over the links out of every node and over those into it, each ``(N,)``."""

    out: Tensor
    into: Tensor


def side_sums(logits: Tensor, source: Tensor, target: Tensor, nodes: int) -> SideSums:
    """What both :func:`softmax_flows` and the softmax link loss divide by; computed once where both are wanted."""
    logits = full_precision(logits)
    return SideSums(*(scatter_logsumexp(logits, side, nodes, null=True) for side in (source, target)))


def softmax_flows(logits: Tensor, source: Tensor, target: Tensor, nodes: int, sums: SideSums | None = None) -> Tensor:
    """Every link against all links that share an end with it, and against "no link".

    With ``S_out(i)`` and ``S_in(j)`` the sums of ``exp(logit)`` over the links out of i and into j::

        f(i→j) = e^s / (1 + S_out(i) + S_in(j) − e^s)

    which combines the two one-sided softmaxes p with a null option by 1/f = 1/p_out + 1/p_in − 1/sigmoid(s). The sum
    of the flows out of a node is at most S_out/(1 + S_out) < 1, into a node likewise, so a unit never splits into more
    than itself; what is missing to 1 is the null option: a birth or a death. A link without rivals has f = sigmoid(s),
    what a tracker reads off the logit. (The geometric mean of the two softmaxes, which is often used, does not keep
    the sums below 1: one node with three links to nodes that have no other link gives 3 · √(1/3) = 1.73.)

    Args:
        logits: ``(E,)``.
        source: ``(E,)`` node where a link starts.
        target: ``(E,)`` node where it ends.
        nodes: N.
        sums: :func:`side_sums` of the same logits, if they are at hand.

    Returns:
        ``(E,)`` in [0, 1].

    Example:
        Two links out of node 0, one rival for node 2::

            0 -> 2        logits: 0-2: 0, 0-3: 0, 1-2: 0
            0 -> 3
            1 -> 2

        >>> source, target = torch.tensor([0, 0, 1]), torch.tensor([2, 3, 2])
        >>> softmax_flows(torch.zeros(3), source, target, 4)
        tensor([0.2500, 0.3333, 0.3333])
    """
    logits = full_precision(logits)
    own, total, _ = _shares(logits, source, target, sums or side_sums(logits, source, target, nodes))
    return own / total


def log_softmax_flows(
    logits: Tensor, source: Tensor, target: Tensor, nodes: int, sums: SideSums | None = None
) -> Tensor:
    """The logs of :func:`softmax_flows`, exact also where the flows themselves would be rounded to 0: ``(E,)``.

    Example:
        >>> source, target = torch.tensor([0, 0]), torch.tensor([1, 2])
        >>> log_softmax_flows(torch.tensor([-500.0, 500.0]), source, target, 3).tolist()
        [-1000.0, 0.0]
    """
    logits = full_precision(logits)
    _, total, top = _shares(logits, source, target, sums or side_sums(logits, source, target, nodes))
    return logits - top - total.log()


def _shares(logits: Tensor, source: Tensor, target: Tensor, sums: SideSums) -> tuple[Tensor, Tensor, Tensor]:
    """A link's own share and that of all options together, both times ``e^−top``, and top: each ``(E,)``."""
    out, into = rows(sums.out, source), rows(sums.into, target)
    top = torch.maximum(out, into).detach()
    own, null = (logits - top).exp(), (-top).exp()
    # rivals: what the two sums hold besides the link itself and the null option; rounding must not make it negative
    rivals_out = ((out - top).exp() - own - null).clamp(min=0)
    rivals_in = ((into - top).exp() - own - null).clamp(min=0)
    return own, own + null + rivals_out + rivals_in, top


def sinkhorn_flows(logits: Tensor, source: Tensor, target: Tensor, nodes: int, steps: int = 10) -> Tensor:
    """Sinkhorn scaling with slack: flows whose sums, with a slack of their own at every node, tend to exactly 1.

    f(i→j) = u(i) · e^s · v(j), where u and v make "flow out + slack" and "flow in + slack" one; slack is the null
    option. Both sides are scaled at once and half-way (Feydy et al., AISTATS 2019), which reaches a certain assignment
    in one step where alternation needs hundreds. Last divisions by whatever still exceeds 1 keep the sums below 1
    after few steps. Closer to an assignment than :func:`softmax_flows`, because rivals of rivals count too, at
    ``steps`` times the cost.

    Args:
        logits: ``(E,)``.
        source: ``(E,)``.
        target: ``(E,)``.
        nodes: N.
        steps: rounds of scaling.

    Returns:
        ``(E,)`` in [0, 1].

    Example:
        >>> source, target = torch.tensor([0, 0, 1]), torch.tensor([2, 3, 2])
        >>> flows = sinkhorn_flows(torch.tensor([9.0, 5.0, 9.0]), source, target, 4)
        >>> bool(flows[1] > flows[0] and flows[2] > flows[0])  # 1-2 and 0-3 together beat 0-2
        True
    """
    logits = full_precision(logits)
    row, column = logits.new_zeros(nodes), logits.new_zeros(nodes)
    for _ in range(steps):
        over_row = scatter_logsumexp(logits + rows(column, target), source, nodes, null=True)
        over_column = scatter_logsumexp(logits + rows(row, source), target, nodes, null=True)
        row, column = 0.5 * (row - over_row), 0.5 * (column - over_column)
    flow = (logits + rows(row, source) + rows(column, target)).exp()
    for side in (source, target):
        flow = flow / rows(scatter_sum(flow, side, nodes).clamp(min=1), side)
    return flow
