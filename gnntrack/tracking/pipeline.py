"""The stages of tracking, and the interface of every kind of model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from gnntrack.association.rounding import Rounding
from gnntrack.association.step import Linked
from gnntrack.association.track_table import TrackTable
from gnntrack.errors import DataError
from gnntrack.geometry.camera_motion import CameraMotion
from gnntrack.scratch import Scratch
from gnntrack.sequence import Sequence, View
from gnntrack.smoothing.boxes import TrackedBoxes
from gnntrack.state import Stateful

if TYPE_CHECKING:
    from torch_geometric.data import Data


class Linker(Stateful, Protocol):
    """Links detections to tracks."""

    def link(
        self,
        boxes: np.ndarray,
        detections: np.ndarray,
        frame: int,
        groups: np.ndarray | None = None,
        camera: np.ndarray | None = None,
    ) -> Linked:
        """The tracks of the boxes ``(D, 4)`` xywh of a new frame, ``(D, 6 + A)`` as observations, linked by groups.

        With the camera's motion ``(2, 3)`` since the last frame, all that is remembered is moved first.
        """

    def set_view(self, view: View) -> None:
        """Sets the image size, where it had to be estimated from the boxes."""

    def table(self, frame: int) -> TrackTable:
        """What is known of all tracks at the newest frame."""


class Corrector(Stateful, Protocol):
    """Corrects identity switches after crossings."""

    def show(
        self,
        detections: np.ndarray,
        ids: np.ndarray,
        probability: np.ndarray,
        groups: np.ndarray | None = None,
        camera: np.ndarray | None = None,
    ) -> np.ndarray:
        """The identities ``(D,)`` of a new frame, by its tracks and the probabilities of their links.

        With the camera's motion ``(2, 3)`` since the last frame, all that is remembered is moved first.
        """

    def identities(self, tracks: np.ndarray) -> np.ndarray:
        """The identities ``(T,)`` that tracks show now."""

    def knows(self, tracks: np.ndarray, last: np.ndarray) -> bool:
        """Whether all of these tracks ``(T,)`` have an identity, and were last seen in these frames."""

    def waiting(self, frame: int) -> int:
        """How many boxes of an earlier frame are remembered."""

    def finish(self) -> None:
        """Makes the corrections that the newest frame has begun: no frame follows."""

    def settled(self, frame: int) -> np.ndarray:
        """The identities of the tracked boxes of an earlier frame, as the corrections since have left them."""

    def rehearse(self) -> None:
        """Goes through a crossing, so that all is compiled before a stream starts, and forgets it."""


class Smoother(Protocol):
    """Smooths the boxes of tracks."""

    def smooth(self, boxes: np.ndarray, frame: int) -> np.ndarray:
        """The boxes ``(D, 4)`` xywh of a new frame, those of tracks smoothed."""


@dataclass(frozen=True)
class OnlineStages:
    """The stages that process the detections of a frame, in this order.

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
    def uses_embeddings(self) -> bool:
        """Whether it looks at appearance embeddings."""

    @property
    def uses_camera(self) -> bool:
        """Whether it uses the camera's motion, where it is known."""

    def prepare(self) -> None:
        """Compiles what a stream needs, once a process."""

    def weights(self) -> Iterator[np.ndarray]:
        """All weights, in an order that does not change: what a saved tracker belongs to.

        Raises:
            DataError: the model has none that could be compared.
        """

    def online(self, view: View, rounding: Rounding | None = None, lag: int = 0) -> OnlineStages:
        """The stages of a new stream; ``rounding`` None: the usual; ``lag``: frames until identities are final."""

    def tracks(
        self,
        detections: Sequence,
        rows: np.ndarray,
        rounding: Rounding = "exact",
        groups: np.ndarray | None = None,
        scratch: Scratch | None = None,
    ) -> np.ndarray:
        """The track ``(N,)`` of each box of a whole video, from 1; 0: it is linked to no other.

        Args:
            detections: the video.
            rows: ``(N,)`` positions of its boxes that are tracked.
            rounding: how scores become tracks.
            groups: ``(N,)`` only boxes of one group are linked; None: all are of one.
            scratch: makes the arrays.
        """

    @property
    def smooths(self) -> bool:
        """Whether the model, with its settings, smooths the boxes of finished tracks."""

    def smooth(self, boxes: TrackedBoxes, result: np.ndarray, scratch: Scratch) -> None:
        """Fills ``result (N, 4)`` with the smoothed boxes of finished tracks, xywh."""

    def judge(self, graph: Data, embeddings: np.ndarray | None = None, camera: CameraMotion | None = None) -> Data:
        """The graph that the model sees of the boxes of a whole sequence, with its ``score (E,)``: probabilities.

        Args:
            graph: of the sequence, from :func:`gnntrack.graphs.build_graph`; it is not changed.
            embeddings: ``(N, D)`` of its boxes, for a model that uses them.
            camera: its motion, if it is known, likewise.

        Returns:
            The same boxes; links, neighbours and features are those that the model judges by.
        """

    def judge_crossings(
        self, graph: Data, embeddings: np.ndarray | None = None, camera: CameraMotion | None = None
    ) -> Data:
        """The graph that corrects identities after crossings, of the boxes of a whole sequence, with its ``score``.

        Args:
            graph: as for :meth:`judge`.
            embeddings: likewise.
            camera: likewise.

        Raises:
            DataError: the model has no network for it.
        """


def no_crossings() -> DataError:
    """The error where a relinking network is needed and there is none."""
    return DataError("these weights have no relinking network", remedy="inspect the association network's graph")
