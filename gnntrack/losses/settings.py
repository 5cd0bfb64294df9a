"""The form of a loss recipe."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from gnntrack.losses.idle import LINK, UNITRACK, Table, idle
from gnntrack.recipes import Settings, SettingsType, idle_error


class LinkSettings(Settings):
    """A plain link loss.

    Attributes:
        kind: ``softmax`` (each node chooses one link or none, both sides), ``bce`` or ``focal``.
        weight: factor in the total.
        positive_weight: of true links, for ``bce``.
        gamma: for ``focal``.
        focal_alpha: weight of true links, for ``focal``.
    """

    kind: Literal["softmax", "bce", "focal"] = "softmax"
    weight: float = Field(1.0, ge=0)
    positive_weight: float = Field(1.0, gt=0)
    gamma: float = Field(2.0, ge=0)
    focal_alpha: float = Field(0.25, ge=0, le=1)

    @model_validator(mode="after")
    def _nothing_idle(self) -> LinkSettings:
        return _checked(self, LINK)


class TermWeights(Settings):
    """Weights that override the preset's; 0 removes a term.

    Attributes:
        flow: of the flow term.
        spatial: of the spatial term.
        temporal: of the temporal term.
        conservation: of the conservation of flow, in the preset ``log`` of identities.
        path: of the cross entropy of paths, which no preset has.
    """

    flow: float | None = Field(default=None, ge=0)
    spatial: float | None = Field(default=None, ge=0)
    temporal: float | None = Field(default=None, ge=0)
    conservation: float | None = Field(default=None, ge=0)
    path: float | None = Field(default=None, ge=0)

    def given(self) -> dict[str, float]:
        """Those that a recipe names."""
        return {name: weight for name, weight in self.model_dump().items() if weight is not None}


class UniTrackSettings(Settings):
    """The UniTrack loss; what is left out is the preset's. See :class:`gnntrack.losses.UniTrackLoss`.

    Attributes:
        preset: ``default``: bounded terms that charge mistakes only; ``paper``: the literal equations, for study;
            ``log``: terms in logs, whose gradient does not vanish at sure mistakes.
        weight: factor of the whole.
        weighting: where λ_s and λ_t come from: connectivity, one half each, or learned.
        terms: weights of the terms.
        reduction: ``mean``: terms per true link or node, then the mean over graphs; ``sum``: plain sums.
        alpha: α of the flow term.
        counts: ``soft`` or ``hard`` counts in the flow term.
        flows: how flows are made of logits.
        sinkhorn_steps: rounds of scaling, for ``sinkhorn``.
        laplacian: which Laplacian, for the weighting ``laplacian``.
        floor: ε added to σ₂, for the weighting ``laplacian``.
        smoothing: share of the old λ in their running mean, for the weighting ``laplacian``.
        every: training steps from one computation of λ to the next, for the weighting ``laplacian``.
        log_normalise: multiply by ``log(E + 1)``, as the paper does.
    """

    preset: Literal["default", "paper", "log"] = "default"
    weight: float = Field(1.0, ge=0)
    weighting: Literal["laplacian", "fixed", "learned"] | None = None
    terms: TermWeights = Field(default_factory=TermWeights)
    reduction: Literal["mean", "sum"] | None = None
    alpha: float = Field(0.9, ge=0)
    counts: Literal["hard", "soft"] | None = None
    flows: Literal["softmax", "sinkhorn"] = "softmax"
    sinkhorn_steps: int = Field(10, ge=1)
    laplacian: Literal["normalised", "combinatorial"] | None = None
    floor: float | None = Field(default=None, gt=0)
    smoothing: float = Field(default=0.0, ge=0, lt=1)
    every: int = Field(default=1, ge=1)
    log_normalise: bool = True

    @model_validator(mode="after")
    def _nothing_idle(self) -> UniTrackSettings:
        in_logs = self.preset == "log"
        if in_logs or self.terms.flow == 0:
            idle_here = [("alpha", 0.9), ("counts", None), *([("flows", "softmax")] if in_logs else [])]
            for name, default in idle_here:
                if getattr(self, name) != default:
                    why = "in the preset log" if in_logs else "without the flow term"
                    raise idle_error(f"{name} does nothing {why}", "leave it out")
        return _checked(self, UNITRACK)


def _checked(settings: SettingsType, table: Table) -> SettingsType:
    """The settings, unless one of them does nothing beside the others."""
    given = {name: value for name, value in dict(settings).items() if value is not None}
    found = idle(table, given)
    if found is not None:
        raise idle_error(*found)
    return settings


class LossSettings(Settings):
    """A loss recipe: a plain link loss, the UniTrack loss, or their sum.

    Attributes:
        description: one line for people.
        link: the link loss, if any.
        unitrack: the UniTrack loss, if any.

    Example:
        >>> LossSettings(unitrack={"terms": {"temporal": 0.0}}).unitrack.terms.given()
        {'temporal': 0.0}
    """

    description: str = ""
    link: LinkSettings | None = None
    unitrack: UniTrackSettings | None = None

    @model_validator(mode="after")
    def _something(self) -> LossSettings:
        if self.link is None and self.unitrack is None:
            raise ValueError("a loss recipe needs link, unitrack or both")
        return self
