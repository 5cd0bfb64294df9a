"""`UniTrackLoss`: the terms, their weights, and their sum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from torch import Tensor, nn

from gnntrack.errors import DataError
from gnntrack.losses.chains import with_chains
from gnntrack.losses.graph import LinkGraph, candidate_graph, check_all_annotated
from gnntrack.losses.idle import UNITRACK, idle
from gnntrack.losses.links.soft_assignment import SideSums, side_sums, sinkhorn_flows, softmax_flows
from gnntrack.losses.output import LossOutput, as_floats
from gnntrack.losses.presets import Preset, Weighting, preset_terms, preset_weighting
from gnntrack.losses.terms.counts import Counting, count_links
from gnntrack.losses.terms.log_term import LogTerm
from gnntrack.losses.terms.path import PathTerm
from gnntrack.losses.terms.term import Reduction, Term
from gnntrack.losses.weighting.laplacian import LaplacianKind
from gnntrack.losses.weighting.strength import association_strength

Flows = Literal["softmax", "sinkhorn"]
DEFAULT_ALPHA = 0.9
#: Association strength from which links count alike in terms in logs: opposite embeddings are no infinite distance.
LEAST_STRENGTH = 1e-3


class UniTrackLoss(nn.Module):
    """The UniTrack loss on a window graph: ``(Σ λ · weight · term) · log(E + 1)``.

    Args:
        terms: the terms: objects, or weights by name (``{"temporal": 0.0}``) that override the preset's. A weight of 0
            removes a term. ``None``: the preset's terms.
        weighting: where λ_s and λ_t come from: ``"laplacian"`` (the default), ``"fixed"`` (one half each),
            ``"learned"``, or a module of your own; see :mod:`gnntrack.losses.weighting.weights`.
        preset: ``"default"``, bounded terms that charge mistakes only; ``"paper"``, the equations as printed, for
            study; ``"log"``, terms in logs, whose gradient does not vanish at sure mistakes; see
            :mod:`gnntrack.losses.presets`.
        reduction: ``"mean"``: terms per true link or node, then the mean over the graphs of a batch; ``"sum"``: plain
            sums.
        alpha: α of the flow term.
        counts: ``"soft"`` or ``"hard"`` counts in the flow term.
        flows: how flows are made of logits; see :mod:`gnntrack.losses.links.soft_assignment`.
        sinkhorn_steps: rounds of scaling for ``flows="sinkhorn"``.
        laplacian: ``"normalised"`` or ``"combinatorial"``, for ``weighting="laplacian"``.
        floor: ε added to σ₂, for ``weighting="laplacian"``.
        smoothing: share of the old λ in their running mean, for ``weighting="laplacian"``.
        every: training steps from one computation of λ to the next, for ``weighting="laplacian"``.
        log_normalise: multiply by ``log(E + 1)``, as the paper does.
        weight: factor of the whole.

    Source:
        Galoaa et al., "UniTrack: Differentiable Graph Representation Learning for Multi-Object Tracking", ICLR 2026,
        arXiv 2602.05037.

    Example:
        A perfect prediction costs nothing, a doubtful one does::

            0 -> 1 -> 2

        >>> import torch
        >>> from types import SimpleNamespace as Graph
        >>> graph = Graph(edge_index=torch.tensor([[0, 1], [1, 2]]), identity=torch.tensor([7, 7, 7]),
        ...               pos=torch.tensor([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]]), time=torch.tensor([0.0, 0.1, 0.2]),
        ...               frame=torch.tensor([1, 2, 3]))
        >>> loss = UniTrackLoss()
        >>> round(loss(torch.tensor([20.0, 20.0]), graph).total.item(), 4)
        0.0
        >>> bool(loss(torch.tensor([20.0, 0.0]), graph).total > 0.4)
        True
    """

    def __init__(
        self,
        terms: Sequence[Term] | Mapping[str, float] | None = None,
        weighting: Weighting | nn.Module | None = None,
        preset: Preset = "default",
        *,
        reduction: Reduction | None = None,
        alpha: float = DEFAULT_ALPHA,
        counts: Counting | None = None,
        flows: Flows = "softmax",
        sinkhorn_steps: int = 10,
        laplacian: LaplacianKind | None = None,
        floor: float | None = None,
        smoothing: float = 0.0,
        every: int = 1,
        log_normalise: bool = True,
        weight: float = 1.0,
    ) -> None:
        super().__init__()
        shown = "a module of your own" if isinstance(weighting, nn.Module) else weighting or "laplacian"
        given = {"weighting": shown, "flows": flows, "sinkhorn_steps": sinkhorn_steps, "smoothing": smoothing}
        found = idle(UNITRACK, given | {"laplacian": laplacian, "floor": floor, "every": every})
        if found is not None:
            raise DataError(found[0], remedy=found[1])
        if preset == "log" and (alpha != DEFAULT_ALPHA or counts is not None or flows != "softmax"):
            raise DataError("alpha, counts and flows have no effect in the preset 'log'", remedy="leave them out")
        literal = preset == "paper"
        self._terms = nn.ModuleList(_terms(terms, preset, alpha, counts))
        self.weighting = preset_weighting(
            preset, weighting or "laplacian", floor=floor, kind=laplacian, smoothing=smoothing, every=every
        )
        self.reduction: Reduction = reduction or ("sum" if literal else "mean")
        self.flows: Flows = flows
        self.strength = "logit" if literal else "one"
        self.sinkhorn_steps, self.log_normalise, self.weight = sinkhorn_steps, log_normalise, weight

    @property
    def terms(self) -> list[Term]:
        """The terms of the sum."""
        return [term for term in self._terms if isinstance(term, Term)]

    @property
    def term_names(self) -> set[str]:
        """Their names."""
        return {term.name for term in self.terms}

    def forward(self, logits: Tensor, data: Any, *, embeddings: Tensor | None = None, **extras: Any) -> LossOutput:
        """The loss of link logits on a window graph.

        Args:
            logits: ``(E,)`` one per column of ``data.edge_index``.
            data: window graph, single or batched by PyG.
            embeddings: optional ``(N, D)`` appearance of the nodes; they become the association strength w.
            **extras: ignored here.

        Raises:
            DataError: see :func:`gnntrack.losses.graph.candidate_graph`.
        """
        logits, graph = candidate_graph(logits, data, embeddings)
        return self.evaluate(logits, graph, embeddings=embeddings)

    def evaluate(
        self,
        logits: Tensor,
        graph: LinkGraph,
        *,
        embeddings: Tensor | None = None,
        sums: SideSums | None = None,
        **extras: Any,
    ) -> LossOutput:
        """The loss on a graph that is checked already; ``sums`` of the logits save time where they are at hand."""
        total, values = self.per_graph(logits, graph, embeddings=embeddings, sums=sums)
        added = {*self.term_names, "unitrack"} if self.reduction == "sum" else set()
        return LossOutput(self._reduce(total), as_floats({"unitrack": total, **values}, added))

    def per_graph(
        self,
        logits: Tensor,
        graph: LinkGraph,
        *,
        embeddings: Tensor | None = None,
        sums: SideSums | None = None,
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss of every graph ``(G,)``, and what it is made of: terms without their weights, λ, σ₂."""
        if graph.labelled and any(term.follows_chains for term in self.terms):
            graph = with_chains(graph)
        flow = self.flow(logits, graph, sums)
        strength = association_strength(logits, embeddings, graph.source, graph.target, self.strength)
        shares = self.weighting(graph, flow)
        priced = (
            None if not self.in_logs else self._priced(logits, graph, None if embeddings is None else strength, sums)
        )
        share = {"": flow.new_ones(graph.graphs), "spatial": shares.spatial, "temporal": shares.temporal}
        total = flow.new_zeros(graph.graphs) + flow[:1].sum() * 0  # a way for the gradient even where no term is left
        values: dict[str, Tensor] = {}
        path = next((term for term in self.terms if isinstance(term, PathTerm)), None)
        if path is not None and priced is not None:  # not in the loop: torch.compile cannot break one
            values[path.name] = path.of_logits(graph, *priced, self.reduction)
        for term in self.terms:
            if not isinstance(term, PathTerm):
                check_all_annotated(graph, f"the term {term.name}")
                values[term.name] = self._value(term, graph, flow, strength, priced)
            total = total + term.weight * share[term.share or ""] * values[term.name]
        if self.log_normalise:
            total = total * (graph.link_count + 1).log()
        values |= self._counts(flow.detach(), graph)
        values |= {"lambda_spatial": shares.spatial, "lambda_temporal": shares.temporal, **shares.figures}
        return self.weight * total, values

    def _value(
        self,
        term: Term,
        graph: LinkGraph,
        flow: Tensor,
        strength: Tensor,
        priced: tuple[Tensor, SideSums] | None,
    ) -> Tensor:
        """A term without its weight, ``(G,)``."""
        if isinstance(term, LogTerm) and priced is not None:
            return term.of_logits(graph, *priced, self.reduction)
        value: Tensor = term(graph, flow, strength, self.reduction)
        return value

    def flow(self, logits: Tensor, graph: LinkGraph, sums: SideSums | None = None) -> Tensor:
        """The flows ``(E,)`` that the terms see."""
        if self.flows == "sinkhorn":
            return sinkhorn_flows(logits, graph.source, graph.target, graph.nodes, self.sinkhorn_steps)
        return softmax_flows(logits, graph.source, graph.target, graph.nodes, sums)

    @property
    def in_logs(self) -> bool:
        """Whether there is a term of the preset ``"log"``."""
        return any(isinstance(term, LogTerm) for term in self.terms)

    def _priced(
        self, logits: Tensor, graph: LinkGraph, strength: Tensor | None, sums: SideSums | None
    ) -> tuple[Tensor, SideSums]:
        """What terms in logs see: logits with the log of the strength w in them, and their sums."""
        if strength is not None:
            logits, sums = logits + strength.clamp(min=LEAST_STRENGTH).log(), None
        return logits, sums or side_sums(logits, graph.source, graph.target, graph.nodes)

    def _reduce(self, values: Tensor) -> Tensor:
        """``(G,)`` to a scalar."""
        return values.sum() if self.reduction == "sum" else values.mean()

    def _counts(self, flow: Tensor, graph: LinkGraph) -> dict[str, Tensor]:
        """Hard and soft counts of every graph, for the log."""
        hard, soft = count_links(graph, flow, "hard"), count_links(graph, flow, "soft")
        return {
            "false_positives": hard.false_positives,
            "false_negatives": hard.false_negatives,
            "false_positives_soft": soft.false_positives,
            "false_negatives_soft": soft.false_negatives,
            "true_links": soft.true,
        }


def _terms(
    terms: Sequence[Term] | Mapping[str, float] | None, preset: Preset, alpha: float, counts: Counting | None
) -> list[Term]:
    if terms is not None and not isinstance(terms, Mapping):
        return list(terms)
    chosen = preset_terms(preset, alpha=alpha, counts=counts)
    weights = dict(terms or {})
    unknown = weights.keys() - {term.name for term in chosen}
    if unknown:
        names = ", ".join(term.name for term in chosen)
        raise DataError(f"no term {sorted(unknown)[0]!r} in preset {preset!r}", remedy=f"known: {names}")
    for term in chosen:
        term.weight = weights.get(term.name, term.weight)
    return [term for term in chosen if term.weight != 0]
