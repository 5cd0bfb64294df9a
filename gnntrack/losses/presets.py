"""The two ready-made sets of terms.

``"paper"`` is the sum of the equations as they are printed. ``"default"`` departs from it in these points
(``benchmarks/loss_choice.py`` measures the alternatives):

- the flow term rewards true links only, with soft counts: the printed one rewards every link;
- the spatial and the temporal term charge what exceeds the truth, and their costs saturate: squared changes of velocity
  at video rates are in the hundreds and drown everything else;
- flow is conserved on each side of a node, because the printed balance also holds where a track has no flow at all;
- the geometric terms weigh 4, since λ halves and saturation bounds them; 1 does about as well.
"""

from __future__ import annotations

from typing import Literal

from gnntrack.errors import DataError
from gnntrack.losses.terms.conservation import ConservationTerm
from gnntrack.losses.terms.counts import Counting
from gnntrack.losses.terms.flow import FlowTerm
from gnntrack.losses.terms.spatial import SpatialTerm
from gnntrack.losses.terms.temporal import TemporalTerm
from gnntrack.losses.terms.term import Term

Preset = Literal["default", "paper"]
TERM_NAMES = ("flow", "spatial", "temporal", "conservation")


def preset_terms(preset: Preset, *, alpha: float = 0.9, counts: Counting | None = None) -> list[Term]:
    """The terms of a preset.

    Args:
        preset: ``"default"``: only true links are rewarded, only wrong links and wrong motion are charged, costs are
            bounded; a perfect prediction has the value 0. ``"paper"``: the printed equations.
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
            TemporalTerm(excess=False, saturation=None, units="diagonal"),
        ]
    if preset != "default":
        raise DataError(f"no preset {preset!r}", remedy="known: default, paper")
    return [
        FlowTerm(1.0, alpha=alpha, counts=counts or "soft"),
        SpatialTerm(4.0),
        TemporalTerm(4.0),
        ConservationTerm(1.0),
    ]
