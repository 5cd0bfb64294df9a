"""What happens to boxes on their way to tracks: the stages, and what every kind of model must be able to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from torch_geometric.data import Data

from gnntrack.association.linker import Linked
from gnntrack.association.rounding import Rounding
from gnntrack.errors import DataError
from gnntrack.sequence import Sequence, View


class Linker(Protocol):
    """What decides which detections belong to which track."""

    def link(self, boxes: np.ndarray, seen: np.ndarray, frame: int) -> Linked:
        """The tracks of the boxes ``(D, 4)`` xywh of a new frame, ``(D, 6 + A)`` as observations."""

    def set_view(self, view: View) -> None:
        """The image is larger than was thought."""


class Corrector(Protocol):
    """What corrects identities after crossings."""

    def show(self, seen: np.ndarray, ids: np.ndarray, chance: np.ndarray) -> np.ndarray:
        """The identities ``(D,)`` of a new frame, by its tracks and the probabilities of their links."""


class Smoother(Protocol):
    """What moves the boxes of tracks to where objects more probably are."""

    def smooth(self, boxes: np.ndarray, frame: int) -> np.ndarray:
        """The boxes ``(D, 4)`` xywh of a new frame, those of tracks smoothed."""


@dataclass(frozen=True)
class OnlineStages:
    """What happens to the detections of a frame, in this order.

    Attributes:
        linker: links them to tracks.
        corrector: corrects identities after crossings; None: links stay.
        smoother: smooths boxes; None: boxes stay as detected.
    """

    linker: Linker
    corrector: Corrector | None = None
    smoother: Smoother | None = None


class ModelStages(Protocol):
    """How a model tracks, with the settings of its recipe."""

    @property
    def looks_at_embeddings(self) -> bool:
        """Whether it looks at appearance embeddings."""

    def online(self, view: View, rounding: Rounding | None = None) -> OnlineStages:
        """The stages of a new stream; ``rounding`` None: the usual."""

    def links(self, detections: Sequence, rounding: Rounding = "exact") -> np.ndarray:
        """The links ``(2, L)``, past to future, that make tracks of all boxes of a video."""

    def smooth(self, tracks: Sequence) -> Sequence:
        """Finished tracks, their boxes smoothed where the model and its settings say so."""

    def judge(self, graph: Data, embeddings: np.ndarray | None = None) -> Data:
        """The graph that the model sees of the boxes of a whole sequence, with its ``score (E,)``: probabilities.

        Args:
            graph: of the sequence, from :func:`gnntrack.graphs.build_graph`; it is not changed.
            embeddings: ``(N, D)`` of its boxes, for a model that looks at them.

        Returns:
            The same boxes; links, neighbours and features are those that the model judges by.
        """

    def judge_crossings(self, graph: Data, embeddings: np.ndarray | None = None) -> Data:
        """The graph that corrects identities after crossings, of the boxes of a whole sequence, with its ``score``.

        Args:
            graph: as for :meth:`judge`.
            embeddings: likewise.

        Raises:
            DataError: the model has no network for it.
        """


def no_crossings() -> DataError:
    """What is raised where a network is asked for that corrects identities, and there is none."""
    return DataError("these weights have no relinking network", remedy="look at the association network's graph")
