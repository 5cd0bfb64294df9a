"""The two ready-made sets of terms."""

from __future__ import annotations

from typing import Literal

from gnntrack.errors import DataError
from gnntrack.losses.conservation import ConservationTerm
from gnntrack.losses.counts import Counting
from gnntrack.losses.flow import FlowTerm
from gnntrack.losses.spatial import SpatialTerm
from gnntrack.losses.temporal import TemporalTerm
from gnntrack.losses.term import Term

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
    return [FlowTerm(alpha=alpha, counts=counts or "soft"), SpatialTerm(), TemporalTerm(), ConservationTerm()]
