"""What a term of the UniTrack loss is: a small object with a weight."""

from __future__ import annotations

from typing import ClassVar, Literal

from torch import Tensor, nn

from gnntrack.losses.graph import LinkGraph
from gnntrack.scatter import rows

Share = Literal["spatial", "temporal"]
Reduction = Literal["mean", "sum"]
Units = Literal["height", "diagonal"]


class Term(nn.Module):
    """One term: flows on a window graph in, one value per graph out.

    Derive from it, set ``name``, implement :meth:`forward`, and pass an instance in ``UniTrackLoss(terms=[...])``.

    Args:
        weight: factor of this term in the sum.

    Attributes:
        name: key of the term in the parts and in recipes.
        share: which of the two balancing weights λ multiplies the term, if any.
        follows_chains: whether the term asks for :attr:`~gnntrack.losses.LinkGraph.chain`.

    Example:
        A term that asks for few links:

        >>> class FewLinks(Term):
        ...     name = "few_links"
        ...     def forward(self, graph, flow, strength, reduction="mean"):
        ...         return graph.sum_links(flow) / graph.true_count
        >>> FewLinks(weight=0.1).weight
        0.1
    """

    name: ClassVar[str]
    share: ClassVar[Share | None] = None
    follows_chains: ClassVar[bool] = False

    def __init__(self, weight: float = 1.0) -> None:
        super().__init__()
        self.weight = weight

    def forward(self, graph: LinkGraph, flow: Tensor, strength: Tensor, reduction: Reduction = "mean") -> Tensor:
        """The term's value, without its weight.

        Args:
            graph: the window graph(s).
            flow: ``(E,)`` in [0, 1].
            strength: ``(E,)`` in [0, 1], the paper's w.
            reduction: ``"mean"`` divides by the number of true links (or nodes) of each graph, ``"sum"`` does not.

        Returns:
            ``(G,)``.
        """
        raise NotImplementedError

    def extra_repr(self) -> str:
        """The settings, for ``print(loss)``."""
        plain = (bool, int, float, str)
        shown = {key: value for key, value in vars(self).items() if isinstance(value, plain) and key[0] != "_"}
        return ", ".join(f"{key}={value}" for key, value in shown.items() if key != "training")


def distance_unit(graph: LinkGraph, units: Units) -> Tensor:
    """Pixels in one unit at every link: the mean box height of its ends, or the image's diagonal: ``(E,)``."""
    unit = graph.size if units == "height" else graph.diagonal
    return 0.5 * (rows(unit, graph.source) + rows(unit, graph.target))
