"""How much embeddings tell on a stream, measured while it is tracked: what tells nothing is not listened to.

Appearance models differ, and so do videos: on one the right object is always the most alike, on another all look the
same. Two distributions of cosines show it: those of links that boxes alone leave no doubt about, and those of
strangers, who are seen at the same time::

    strangers   ▁▃▆█▆▃▁                            ▁▃▆█▆▃▁
    one object              ▁▃█      use 1          ▃▆█▆▃▁      use 0
"""

from __future__ import annotations

import numpy as np

from gnntrack.association.appearance import unit
from gnntrack.association.compiled_network import fast_associate
from gnntrack.association.feature_columns import APPEARANCE
from gnntrack.association.graph import BipartiteGraph
from gnntrack.association.packed_weights import Weights
from gnntrack.state import Layout, State, given_back, taken

#: Probability by boxes alone from which a link is sure, and below which a rival of it is one of strangers.
SURE, UNLIKELY = 0.9, 0.1
#: Share of the sums that is kept when a frame, or a set of crossings, is added.
KEPT = 0.99
#: Distance of the two means, in standard deviations, up to which embeddings tell nothing, and from which all counts.
NOTHING, ALL = 0.25, 1.0
#: Cosines that are needed to say anything; so many more count half.
FEWEST, PRIOR = 5.0, 10.0
#: Added to standard deviations of cosines.
LEAST_DEVIATION = 0.02
#: Objects of a frame that are compared with each other at most.
MOST_STRANGERS = 40
_LAYOUT: Layout = {"_alike": ("f8", 3), "_strangers": ("f8", 3)}


class Usefulness:
    """What part of a network's opinion on embeddings counts.

    Example:
        >>> import numpy as np
        >>> usefulness = Usefulness()
        >>> usefulness.share
        1.0
        >>> usefulness.learn(alike=np.full(90, 0.9) + 0.02 * np.arange(90) % 0.1, strangers=np.linspace(0.2, 0.6, 90))
        >>> round(usefulness.share, 2)
        0.9
    """

    def __init__(self) -> None:
        # decaying sums over cosines: their number, their sum, the sum of their squares
        self._alike, self._strangers = np.zeros(3), np.zeros(3)

    @property
    def share(self) -> float:
        """From 0, embeddings tell nothing, to 1; 1 while boxes are sure of next to nothing, too."""
        (count, alike, spread), (others, strange, wider) = _normal(self._alike), _normal(self._strangers)
        fewest = min(count, others)
        if fewest < FEWEST:
            return 1.0
        apart = (alike - strange) / (0.5 * (spread + wider) + LEAST_DEVIATION**2) ** 0.5
        return min(max((apart - NOTHING) / (ALL - NOTHING), 0.0), 1.0) * fewest / (fewest + PRIOR)

    def learn(self, alike: np.ndarray, strangers: np.ndarray) -> None:
        """Adds cosines ``(·,)`` of sure links, and of pairs of strangers; without the former nothing is added."""
        if not len(alike):
            return
        for sums, cosine in ((self._alike, alike), (self._strangers, strangers)):
            here = cosine.astype(np.float64)
            sums *= KEPT
            sums += np.array([len(here), here.sum(), np.square(here).sum()])

    def weighed(self, graph: BipartiteGraph, probability: np.ndarray, embeddings: np.ndarray | None) -> BipartiteGraph:
        """The graph with appearance features that count as much as embeddings tell; learns from its sure links first.

        Args:
            graph: with appearance features.
            probability: ``(E,)`` of its links by boxes alone.
            embeddings: ``(D, A)`` of objects that are seen at the same time; None: rivals of sure links are strangers.
        """
        known, cosine = graph.appearance[:, APPEARANCE.known] > 0, graph.appearance[:, APPEARANCE.cosine]
        if embeddings is None:
            self.learn_from(graph.edge_index, known, cosine, probability)
        else:
            self.learn(cosine[known & (probability > SURE)], _pairs(embeddings))
        return self.as_useful(graph)

    def learn_from(self, links: np.ndarray, known: np.ndarray, cosine: np.ndarray, probability: np.ndarray) -> None:
        """Learns from sure links, and from their rivals as from strangers.

        Args:
            links: ``(2, E)`` the ends of each.
            known: ``(E,)`` whether both ends have an embedding.
            cosine: ``(E,)`` of these.
            probability: ``(E,)`` by boxes alone.
        """
        (source, target), sure, unlikely = links, known & (probability > SURE), known & (probability < UNLIKELY)
        rivals = unlikely & (np.isin(source, source[sure]) | np.isin(target, target[sure]))
        self.learn(cosine[sure], cosine[rivals])

    def as_useful(self, graph: BipartiteGraph) -> BipartiteGraph:
        """The graph with appearance features that count as much as embeddings tell."""
        share, appearance = self.share, graph.appearance.copy()
        appearance[:, APPEARANCE.known] *= share
        return graph._replace(appearance=appearance if share else np.zeros_like(appearance))

    def state(self) -> State:
        """What is remembered, see :mod:`gnntrack.state`."""
        return taken(self, _LAYOUT)

    def restore(self, state: State) -> None:
        """Takes back what :meth:`state` gave."""
        given_back(self, _LAYOUT, state)


def by_boxes(weights: Weights, graph: BipartiteGraph) -> np.ndarray:
    """The probability ``(E,)`` of links without a look at embeddings."""
    return fast_associate(weights, graph, looks=False).probability


def _pairs(embeddings: np.ndarray) -> np.ndarray:
    """The cosines ``(P,)`` of all pairs of the first known ones."""
    vectors = unit(embeddings[np.any(embeddings, axis=1)][:MOST_STRANGERS])
    one, other = np.triu_indices(len(vectors), 1)
    cosines: np.ndarray = (vectors @ vectors.T)[one, other]
    return cosines


def _normal(sums: np.ndarray) -> tuple[float, float, float]:
    """How many, their mean and their variance."""
    count, total, squares = sums.tolist()
    mean = total / max(count, 1e-9)
    return count, mean, max(squares / max(count, 1e-9) - mean**2, 0.0)
