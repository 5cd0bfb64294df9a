"""A stream: the tracks of one video, frame by frame, through the stages of a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gnntrack.array_checks import checked_embeddings
from gnntrack.association.appearance import unit
from gnntrack.association.rounding import Rounding
from gnntrack.association.track_table import TrackTable
from gnntrack.errors import DataError
from gnntrack.geometry import xywh_to_xyxy
from gnntrack.geometry.camera_motion import checked_motion
from gnntrack.models import ModelRecipe
from gnntrack.relinking.window import WINDOW
from gnntrack.scalars import real_number
from gnntrack.sequence import LARGEST_COORDINATE, View
from gnntrack.state import Layout, State, Stateful, checked, given_back, named_below, part_of, require, taken
from gnntrack.tracking.class_groups import ClassGroups
from gnntrack.tracking.class_votes import ClassVotes
from gnntrack.tracking.detections import (
    BOTTOM_RIGHT,
    CLASS,
    COLUMNS,
    CORNERS,
    POSITION,
    TOP_LEFT,
    TRACK,
    TRACKED_CLASS,
    TRACKED_COLUMNS,
    TRACKED_CONFIDENCE,
    as_array,
)
from gnntrack.tracking.frames import reported, taken_in
from gnntrack.tracking.lag import LaggedReport, checked_lag
from gnntrack.tracking.pipeline import ModelStages
from gnntrack.tracking.track import Track, as_tracks

#: Boxes that are not moved.
_AS_DETECTED = np.zeros((0, 4))
#: The attributes of :class:`Stream`, beside its stages.
_LAYOUT: Layout = {"frame": ("i8",), "_dimension": ("i8",), "_used": ("f8", "D", len(COLUMNS))}


@dataclass(frozen=True)
class StreamSettings:
    """How a stream is tracked.

    Attributes:
        width: of the image, pixels; None: as far as the boxes so far reach.
        height: likewise.
        frame_rate: frames a second.
        groups: which classes may share a track.
        rounding: how scores become links; None: the usual.
        lag: frames that wait until they are reported.
    """

    width: float | None
    height: float | None
    frame_rate: float
    groups: ClassGroups
    rounding: Rounding | None
    lag: int

    @classmethod
    def checked(
        cls, size: tuple[Any, Any], frame_rate: Any, groups: ClassGroups, rounding: Rounding | None, lag: Any
    ) -> StreamSettings:
        """Settings as a caller gives them; ``size`` is width and height.

        Raises:
            DataError: size, frame rate or lag are not valid.
        """
        width, height = (
            None if side is None else real_number(side, f"the {name}")
            for side, name in zip(size, ("width", "height"), strict=True)
        )
        if not all(side is None or 1 <= side <= LARGEST_COORDINATE for side in (width, height)):
            remedy = "give both in pixels, or leave them out"
            raise DataError(f"the image measures {size[0]} × {size[1]}", remedy=remedy)
        rate = real_number(frame_rate, "frame rate")
        if not (np.isfinite(rate) and rate > 0):
            raise DataError(f"frame rate {frame_rate}", remedy="give frames a second, above 0")
        return cls(width, height, rate, groups, rounding, checked_lag(lag))


class Stream:
    """The tracks of one video so far.

    Args:
        model: how the model tracks.
        recipe: its thresholds.
        settings: of the video.

    Attributes:
        settings: of the video.
        frame: number of the newest frame.
        view: of the video, as far as it is known.
        stages: which process the detections of a frame.
        report: the frames that wait; None: none do.
    """

    def __init__(self, model: ModelStages, recipe: ModelRecipe, settings: StreamSettings) -> None:
        self.frame, self._dimension = 0, 0
        self.settings, self._uses_embeddings = settings, model.uses_embeddings
        self._uses_camera = model.uses_camera
        self._least = recipe.tracking.links.minimum_confidence
        self._used = np.zeros((0, len(COLUMNS)))  # the detections of the newest frame that are used
        self.view = View(settings.width or 1, settings.height or 1, settings.frame_rate)
        self.stages = model.online(self.view, settings.rounding, settings.lag)
        self._votes = ClassVotes(max(frames_remembered(recipe, settings.frame_rate), WINDOW))
        self.report = LaggedReport(settings.lag, self.stages.corrector, self._votes) if settings.lag else None

    def link(
        self, detections: np.ndarray, embeddings: np.ndarray | None = None, camera: Any = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Tracks the boxes ``(N, 6)`` of a new frame; with a lag, also those whose tracks are not confirmed yet.

        ``camera (2, 3)``: its motion since the last frame. It enters here, and moves what linker and corrector
        remember into the new image before they look at its boxes.

        Returns:
            ``(M, 8)`` what :meth:`gnntrack.tracking.Tracker.update` returns, and ``(M,)`` the linker's track of each
            row, negative: not confirmed yet.
        """
        camera = None if camera is None else self._checked_camera(camera)
        if embeddings is not None and len(detections):
            embeddings = self._checked_embeddings(embeddings, len(detections))
        self.frame += 1
        detections = np.ascontiguousarray(detections)  # compiled code gets one layout
        used, boxes, observed = taken_in(detections, self._least, float(self.frame))
        self._used = chosen = detections if len(used) == len(detections) else detections[used]
        self._estimate_view(chosen)
        if embeddings is not None and len(detections):
            observed = np.concatenate([observed, unit(embeddings[used])], axis=1)
        stages = self.stages
        groups = self.settings.groups.numbers(chosen[:, CLASS])
        tracks, probability = stages.linker.link(boxes, observed, self.frame, groups, camera)
        ids = tracks
        if stages.corrector is not None:
            ids = stages.corrector.show(observed, tracks, probability, groups, camera)
        kinds = self._votes.count(ids, chosen, self.frame)
        moved = _AS_DETECTED if stages.smoother is None else stages.smoother.smooth(boxes, self.frame)
        result, places = reported(detections, used, ids, kinds, moved, self.report is not None)
        return result, tracks[places]

    def tracks(self) -> list[Track]:
        """All tracks that are remembered, by identity."""
        table = self.stages.linker.table(self.frame)
        identity, kind = self._named(table)
        box = xywh_to_xyxy(table.box)
        # as update gives them: as detected, where nothing is smoothed, or where a speck has no size left
        as_detected = np.full(len(box), self.stages.smoother is None) | ~(box[:, BOTTOM_RIGHT] > box[:, TOP_LEFT]).all(
            1
        )
        as_detected &= table.last == self.frame
        box[as_detected] = self._used[table.row[as_detected], CORNERS]
        return as_tracks(table, identity, kind, box, self.frame)

    def lost_rows(self) -> np.ndarray:
        """The rows of confirmed tracks that are not seen in the newest frame."""
        table = self.stages.linker.table(self.frame)
        lost = np.flatnonzero(table.confirmed & (table.last < self.frame))
        identity, kind = self._named(table)
        rows = np.empty((len(lost), TRACKED_COLUMNS))
        rows[:, CORNERS], rows[:, TRACK] = xywh_to_xyxy(table.predicted[lost]), identity[lost]
        rows[:, TRACKED_CONFIDENCE], rows[:, TRACKED_CLASS] = table.confidence[lost], kind[lost]
        rows[:, POSITION] = -1
        return rows

    def _named(self, table: TrackTable) -> tuple[np.ndarray, np.ndarray]:
        """Identity and class ``(T,)`` of tracks."""
        corrector = self.stages.corrector
        identity = table.track if corrector is None else corrector.identities(table.track)
        return identity, self._votes.of(identity, 0)

    def state(self) -> State:
        """What is remembered, see :mod:`gnntrack.state`."""
        state = taken(self, _LAYOUT) | {"size": np.array([self.view.width, self.view.height], dtype=np.float64)}
        for name, part in self._parts():
            state |= named_below(f"{name}.", part.state())
        return state

    def restore(self, state: State) -> None:
        """Takes back what :meth:`state` gave.

        Raises:
            DataError: it is of another kind of stream.
        """
        given_back(self, _LAYOUT, state)
        width, height = checked(state, "size", "f8", 2).tolist()
        if (width, height) != (self.view.width, self.view.height):
            self.view = View(width, height, self.settings.frame_rate)
            self.stages.linker.set_view(self.view)
        known = {name.partition(".")[0] for name in state if "." in name}
        require(known == {name for name, _ in self._parts()}, f"parts {', '.join(sorted(known))}")
        for name, part in self._parts():
            part.restore(part_of(state, f"{name}."))
        table, corrector = self.stages.linker.table(self.frame), self.stages.corrector
        seen = table.last == self.frame
        require((table.last <= self.frame).all() and (table.first <= table.last).all(), "detections of later frames")
        require(((table.row >= 0) & (table.row < len(self._used)) | ~seen).all(), "tracks without detections")
        require(corrector is None or corrector.knows(table.track, table.last), "tracks without identities")

    def _parts(self) -> list[tuple[str, Stateful]]:
        """What remembers something, by name."""
        parts = {
            "linker": self.stages.linker,
            "corrector": self.stages.corrector,
            "votes": self._votes,
            "report": self.report,
        }
        return [(name, part) for name, part in parts.items() if part is not None]

    def _checked_camera(self, camera: Any) -> np.ndarray:
        if not self._uses_camera:
            remedy = "leave it out, or use weights of kind association"
            raise DataError("camera: models of kind message_passing do not use its motion", remedy=remedy)
        return checked_motion(as_array(camera, "camera"), "camera")

    def _checked_embeddings(self, embeddings: np.ndarray, count: int) -> np.ndarray:
        if not self._uses_embeddings:
            remedy = "leave them out, or use weights that were trained with architecture: appearance"
            raise DataError("these weights do not use embeddings", remedy=remedy)
        vectors = checked_embeddings(as_array(embeddings, "embeddings"), count, "update")
        self._dimension = self._dimension or vectors.shape[1]
        if vectors.shape[1] != self._dimension:
            problem = f"embeddings of {vectors.shape[1]} numbers after some of {self._dimension}"
            raise DataError(problem, remedy="use one appearance model, or reset() the tracker")
        return vectors

    def _estimate_view(self, detections: np.ndarray) -> None:
        """Where the image size is not given, takes it from the lower right corners so far."""
        if not len(detections) or not (self.settings.width is None or self.settings.height is None):
            return
        reach = detections[:, BOTTOM_RIGHT].max(0)
        width = self.settings.width or max(self.view.width, float(reach[0]))
        height = self.settings.height or max(self.view.height, float(reach[1]))
        if (width, height) != (self.view.width, self.view.height):
            self.view = View(width, height, self.settings.frame_rate)
            self.stages.linker.set_view(self.view)


def frames_remembered(recipe: ModelRecipe, frame_rate: float) -> int:
    """Frames after which a track that is not seen is forgotten, whatever the model."""
    return max(recipe.tracking.links.memory.frames(frame_rate), recipe.graph.window) + 1
