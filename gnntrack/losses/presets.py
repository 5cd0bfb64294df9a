"""The three ready-made sets of terms.

``"paper"`` is the sum of the equations as they are printed, for study: descending it does not lead to the true links.
Its conservation, a constraint in the paper and no part of the printed sum, has weight 0 unless one is given.

``"default"`` departs from it in these points
(``benchmarks/loss_ablations.py`` measures what each part does):

- the flow term rewards true links only, with soft counts: the printed one rewards every link;
- the spatial and the temporal term charge what exceeds the truth, and their costs saturate: squared changes of velocity
  at video rates are in the hundreds and drown everything else;
- flow is conserved on each side of a node, because the printed balance also holds where a track has no flow at all;
- the geometric terms weigh 4, since λ halves and saturation bounds them.

``"log"`` keeps the paper's idea (flow, space, time, conservation, weights from connectivity) and changes its algebra.
Every term of the other two is bounded in the flow f, so its gradient carries f · (1 − f) and all but vanishes at a sure
mistake. Here each is a log of probabilities with a pull that tends to a constant, flow is conserved by identity, and λ
compares how well the *parts* of both graphs hang together, which no floor has to decide. Its term ``path`` looks at
whole tracks instead of links and is off (weight 0) unless a weight is given.
"""

from __future__ import annotations

from typing import Literal

from torch import nn

from gnntrack.errors import DataError
from gnntrack.losses.terms.conservation import ConservationTerm
from gnntrack.losses.terms.counts import Counting
from gnntrack.losses.terms.flow import FlowTerm
from gnntrack.losses.terms.identity_conservation import IdentityConservationTerm
from gnntrack.losses.terms.log_flow import LogFlowTerm
from gnntrack.losses.terms.log_spatial import LogSpatialTerm
from gnntrack.losses.terms.log_temporal import LogTemporalTerm
from gnntrack.losses.terms.path import PathTerm
from gnntrack.losses.terms.spatial import SpatialTerm
from gnntrack.losses.terms.temporal import TemporalTerm
from gnntrack.losses.terms.term import Term
from gnntrack.losses.weighting.laplacian import LaplacianKind
from gnntrack.losses.weighting.weights import FixedWeighting, LaplacianWeighting, LearnedWeighting

Preset = Literal["default", "paper", "log"]
Weighting = Literal["laplacian", "fixed", "learned"]
#: ε of the σ₂ where none is given: the paper only has to avoid a division by zero.
DEFAULT_FLOOR, PAPER_FLOOR = 0.1, 1e-6
TERM_NAMES = ("flow", "spatial", "temporal", "conservation")


def preset_terms(preset: Preset, *, alpha: float = 0.9, counts: Counting | None = None) -> list[Term]:
    """The terms of a preset.

    Args:
        preset: ``"default"``: only true links are rewarded, only wrong links and wrong motion are charged, costs are
            bounded; a perfect prediction has the value 0. ``"paper"``: the printed equations. ``"log"``: the terms in
            logs, whose gradient does not vanish at sure mistakes.
        alpha: α of the flow term.
        counts: overrides the preset's: soft in the default, hard in the paper.

    Example:
        >>> [term.name for term in preset_terms("default")]
        ['flow', 'spatial', 'temporal', 'conservation']
    """
    if preset == "paper":
        return [
            FlowTerm(alpha=alpha, counts=counts or "hard", literal=True),
            SpatialTerm(links="all", saturation=None, units="diagonal"),
            TemporalTerm(excess=False, saturation=None, literal=True, units="diagonal"),
            ConservationTerm(0.0, per_side=False),
        ]
    if preset == "log":
        return [LogFlowTerm(), LogSpatialTerm(), LogTemporalTerm(), IdentityConservationTerm(), PathTerm(0.0)]
    if preset != "default":
        raise DataError(f"no preset {preset!r}", remedy="known: default, paper, log")
    return [
        FlowTerm(1.0, alpha=alpha, counts=counts or "soft"),
        SpatialTerm(4.0),
        TemporalTerm(4.0),
        ConservationTerm(1.0),
    ]


def preset_weighting(
    preset: Preset,
    weighting: Weighting | nn.Module = "laplacian",
    *,
    floor: float | None = None,
    kind: LaplacianKind | None = None,
    smoothing: float = 0.0,
    every: int = 1,
) -> nn.Module:
    """The source of λ: as given, else that of the preset.

    Args:
        preset: which Laplacian and floor count where none are given, and whether connected parts are compared.
        weighting: by name, or a module of your own.
        floor: see :class:`~gnntrack.losses.weighting.weights.LaplacianWeighting`, as for the others.
        kind: of Laplacian.
        smoothing: see there.
        every: see there.

    Example:
        >>> preset_weighting("log").parts, preset_weighting("paper").floor
        (True, 1e-06)
    """
    if isinstance(weighting, nn.Module):
        return weighting
    if weighting == "fixed":
        return FixedWeighting()
    if weighting == "learned":
        return LearnedWeighting()
    if weighting != "laplacian":
        raise DataError(f"no weighting {weighting!r}", remedy="known: laplacian, fixed, learned")
    literal = preset == "paper"
    return LaplacianWeighting(
        floor=floor if floor is not None else PAPER_FLOOR if literal else DEFAULT_FLOOR,
        kind=kind or ("combinatorial" if literal else "normalised"),
        smoothing=smoothing,
        every=every,
        parts=preset == "log",
    )
