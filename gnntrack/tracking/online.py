"""The online tracker: one frame at a time, with ``update``."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gnntrack.association.histories import observations
from gnntrack.association.rounding import Rounding
from gnntrack.errors import DataError
from gnntrack.geometry import xywh_to_xyxy, xyxy_to_xywh
from gnntrack.models import ModelRecipe, load_for_tracking
from gnntrack.relinking.window import WINDOW
from gnntrack.scalars import real_number
from gnntrack.sequence import BOX, DETECTION, LARGEST_COORDINATE, Sequence, View, checked_embeddings
from gnntrack.tracking.class_groups import Classes, ClassGroups
from gnntrack.tracking.class_votes import ClassVotes
from gnntrack.tracking.detections import (
    BOTTOM_RIGHT,
    CLASS,
    COLUMNS,
    CONFIDENCE,
    CORNERS,
    POSITION,
    TOP_LEFT,
    TRACK,
    TRACKED_CLASS,
    TRACKED_COLUMNS,
    TRACKED_CONFIDENCE,
    as_array,
    detection_array,
    rounded,
)
from gnntrack.tracking.detector_results import is_supervision
from gnntrack.tracking.lag import LaggedReport, WaitingFrame, checked_lag, no_rows
from gnntrack.tracking.stages import Compilable, stages_of
from gnntrack.tracking.warmup_bar import warm_up_with_bar

if TYPE_CHECKING:
    from gnntrack.tracking.scoring import LinkScorer


class Tracker:
    """Links the detections of each new frame to the tracks so far.

    Memory and cost a frame do not grow with the length of the stream.

    Args:
        model: an association network (:func:`gnntrack.models.load_for_tracking`), or a link scorer of window graphs.
        recipe: what the model was trained with: graphs, thresholds.
        width: of the image, pixels; None: as far as the boxes so far reach.
        height: likewise.
        frame_rate: frames a second, not necessarily whole.
        classes: ``together``: a track's boxes may be of any class, so one that flips for a frame does not break it;
            ``separate``: boxes of two classes are never linked; or groups of class numbers, such as ``[[2, 7], [0]]``,
            whose boxes may be linked: what no group names stays by itself.
        rounding: ``exact`` or ``greedy``, for link scorers of window graphs; None: exact. Online, an association
            network always assigns exactly.
        lag: frames that the report stays behind: ``update`` gives the tracks of the frame ``lag`` calls ago, with what
            is known by now, and never corrects them; :meth:`flush` gives the rest.

    Raises:
        DataError: width, height, frame rate, classes or lag are not valid, or ``rounding`` is given with an association
            network.

    Example:
        >>> from gnntrack.models import MessagePassing, MessagePassingSettings
        >>> tracker = Tracker(MessagePassing(MessagePassingSettings()), ModelRecipe())
        >>> tracker.update(np.array([[10.0, 20.0, 40.0, 90.0, 0.9, 1.0]]))[:, 4:].tolist()
        [[1.0, 0.9, 1.0, 0.0]]
    """

    def __init__(
        self,
        model: Compilable | LinkScorer,
        recipe: ModelRecipe,
        *,
        width: int | None = None,
        height: int | None = None,
        frame_rate: float = 30.0,
        classes: Classes | ClassGroups = "together",
        rounding: Rounding | None = None,
        lag: int = 0,
    ) -> None:
        self.groups = classes if isinstance(classes, ClassGroups) else ClassGroups.of(classes)
        self.model, self.recipe, self.rounding = model, recipe, rounding
        self.width, self.height = (
            None if side is None else real_number(side, f"the {name}")
            for side, name in ((width, "width"), (height, "height"))
        )
        if not all(side is None or 1 <= side <= LARGEST_COORDINATE for side in (self.width, self.height)):
            remedy = "give both in pixels, or leave them out"
            raise DataError(f"the image measures {width} × {height}", remedy=remedy)
        self.frame_rate = real_number(frame_rate, "frame rate")
        if not (np.isfinite(self.frame_rate) and self.frame_rate > 0):
            raise DataError(f"frame rate {frame_rate}", remedy="give frames a second, above 0")
        self.lag = checked_lag(lag)
        self._model = stages_of(model, recipe)
        self.reset()

    @classmethod
    def from_pretrained(
        cls,
        weights: str | Path = "default",
        *,
        width: int | None = None,
        height: int | None = None,
        frame_rate: float = 30.0,
        classes: Classes = "together",
        lag: int = 0,
        warmup: bool = False,
    ) -> Tracker:
        """A tracker with shipped weights (by name) or with a file that ``gnntrack train`` wrote.

        Args:
            weights: name or path.
            width: see :class:`Tracker`, like the others.
            height: likewise.
            frame_rate: likewise.
            classes: likewise.
            lag: likewise.
            warmup: compile now, with a bar, what the first ``update`` would compile otherwise; once on a machine.
        """
        model, recipe = load_for_tracking(weights)
        if warmup:
            warm_up_with_bar(model)
        return cls(model, recipe, width=width, height=height, frame_rate=frame_rate, classes=classes, lag=lag)

    def reset(self) -> None:
        """Forgets all tracks; identities start at 1 again."""
        self._frame, self._dimension = 0, 0
        self.view = View(self.width or 1, self.height or 1, self.frame_rate)
        self._stages = self._model.online(self.view, self.rounding, self.lag)
        self._votes = ClassVotes(max(frames_remembered(self.recipe, self.frame_rate), WINDOW))
        self._report = LaggedReport(self.lag, self._stages.corrector, self._votes) if self.lag else None

    def update(self, detections: Any, embeddings: np.ndarray | None = None) -> Any:
        """Takes the detections of the next frame, gives those that belong to tracks.

        With weights that hold a tracklet network, two tracks may exchange their identities some frames after they have
        crossed (``relinking.crowd_online``). With weights that hold a smoothing network, the boxes of tracks are
        filtered (``boxes.smooth_online``): they are not quite those of the detector.

        Args:
            detections: ``(N, 6)``: x1, y1, x2, y2, confidence, class, as an array, a tensor or a list; ``(N, 5)``
                without classes, ``(N, 4)`` without confidences; or what a detector gives for one image: Ultralytics'
                ``Results``, ``supervision.Detections``, torchvision's mapping of ``boxes``, ``scores`` and ``labels``,
                a data frame with named columns. Not changed. An empty frame is ``(0, 6)`` or ``[]``.
            embeddings: ``(N, D)`` appearance vectors, of any length, for weights that use them; a row of zeros: not
                known. Frames may come without.

        Returns:
            ``(M, 8)`` float64: x1, y1, x2, y2, id, confidence, class, position in ``detections``; or a
            ``supervision.Detections`` with ``tracker_id``, where that was given, its boxes rounded to the type that
            they had. The class is the track's: most of its detections so far have it, each counted as much as it is
            confident. With a ``lag``, of the frame that many calls ago; none at first.

        Raises:
            DataError: detections are something else, a value is not finite or beyond all images, a corner pair is not
                one, or the weights do not use embeddings. The frame does not count then: nothing has changed.
        """
        array = detection_array(detections)
        self._model.prepare()
        if self._report is None:
            return _as_given(detections, self._link(array, embeddings).rows)
        # the caller may change its own before they are reported
        new = self._link(array, embeddings, detections[:] if is_supervision(detections) else None)
        due = self._report.add(new)
        return _as_given(detections, no_rows()) if due is None else _as_given(due.given, due.rows)

    def flush(self) -> list[Any]:
        """The tracks of the frames that a ``lag`` still holds back, one result a frame; the stream is over then.

        Example:
            >>> tracker = Tracker.from_pretrained("default", lag=2)
            >>> results = [tracker.update([[10.0 + x, 20, 40 + x, 90, 0.9, 1]]) for x in range(5)] + tracker.flush()
            >>> [len(rows) for rows in results]
            [0, 0, 1, 1, 1, 1, 1]
        """
        rest = [] if self._report is None else [_as_given(due.given, due.rows) for due in self._report.flush()]
        self.reset()
        return rest

    def _link(self, detections: np.ndarray, embeddings: np.ndarray | None, given: Any = None) -> WaitingFrame:
        """Tracks the boxes ``(N, 6)`` of a new frame; with a lag, also those whose tracks are not confirmed yet."""
        if embeddings is not None and len(detections):
            embeddings = self._checked_embeddings(embeddings, len(detections))
        self._frame += 1
        used = np.flatnonzero(detections[:, CONFIDENCE] >= self.recipe.tracking.links.minimum_confidence)
        chosen = detections[used]
        self._estimate_view(chosen[:, BOTTOM_RIGHT])
        boxes = xyxy_to_xywh(chosen[:, CORNERS])
        used_embeddings = embeddings[used] if embeddings is not None and len(detections) else None
        observed_boxes = observations(boxes, chosen[:, CONFIDENCE], self._frame, used_embeddings)
        stages = self._stages
        groups = self.groups.numbers(chosen[:, CLASS])
        tracks, probability = stages.linker.link(boxes, observed_boxes, self._frame, groups)
        ids = tracks
        if stages.corrector is not None:
            ids = stages.corrector.show(observed_boxes, tracks, probability, groups)
        kinds = self._votes.count(ids, chosen, self._frame)
        moved = None if stages.smoother is None else stages.smoother.smooth(boxes, self._frame)
        tracked = ids > 0 if self._report is None else ids != 0
        result = np.empty((int(tracked.sum()), TRACKED_COLUMNS))
        result[:, CORNERS], result[:, TRACK] = chosen[tracked, CORNERS], ids[tracked]
        if moved is not None:
            corners = xywh_to_xyxy(moved[tracked])
            kept = (corners[:, BOTTOM_RIGHT] > corners[:, TOP_LEFT]).all(1)  # far out, a speck may have no size left
            result[kept, CORNERS] = corners[kept]
        result[:, TRACKED_CONFIDENCE], result[:, TRACKED_CLASS] = chosen[tracked, CONFIDENCE], kinds[tracked]
        result[:, POSITION] = used[tracked]
        return WaitingFrame(self._frame, result, np.abs(tracks[tracked]), tracks[tracked] > 0, given)

    def _checked_embeddings(self, embeddings: np.ndarray, count: int) -> np.ndarray:
        if not self._model.uses_embeddings:
            remedy = "leave them out, or use weights that were trained with architecture: appearance"
            raise DataError("these weights do not use embeddings", remedy=remedy)
        vectors = checked_embeddings(as_array(embeddings, "embeddings"), count, "update")
        self._dimension = self._dimension or vectors.shape[1]
        if vectors.shape[1] != self._dimension:
            problem = f"embeddings of {vectors.shape[1]} numbers after some of {self._dimension}"
            raise DataError(problem, remedy="use one appearance model, or reset() the tracker")
        return vectors

    def _estimate_view(self, corners: np.ndarray) -> None:
        """Where the image size is not given, takes it from the lower right corners ``(N, 2)`` so far."""
        if not len(corners) or not (self.width is None or self.height is None):
            return
        reach = corners.max(0)
        width = self.width or max(self.view.width, float(reach[0]))
        height = self.height or max(self.view.height, float(reach[1]))
        if (width, height) != (self.view.width, self.view.height):
            self.view = View(width, height, self.frame_rate)
            self._stages.linker.set_view(self.view)


def _as_given(detections: Any, rows: np.ndarray) -> Any:
    """Rows ``(M, 8)`` as they are, or as a ``supervision.Detections`` where the detections were one."""
    if not is_supervision(detections):
        return rows
    tracked = detections[rows[:, POSITION].astype(int)]
    tracked.xyxy = rounded(rows[:, CORNERS], np.asarray(tracked.xyxy))
    if tracked.class_id is not None:
        tracked.class_id = rows[:, TRACKED_CLASS].astype(np.asarray(tracked.class_id).dtype)
    tracked.tracker_id = rows[:, TRACK].astype(int)
    return tracked


def frames_remembered(recipe: ModelRecipe, frame_rate: float) -> int:
    """Frames after which a track that is not seen is forgotten, whatever the model."""
    return max(recipe.tracking.links.memory.frames(frame_rate), recipe.graph.window) + 1


def track_online(
    detections: Sequence,
    model: Compilable | LinkScorer,
    recipe: ModelRecipe,
    rounding: Rounding | None = None,
    lag: int = 0,
    classes: Classes = "together",
) -> Sequence:
    """Runs :class:`Tracker` over a sequence; arguments and result are those of the offline tracker, but for the lag."""
    tracker = Tracker(
        model,
        recipe,
        width=detections.width,
        height=detections.height,
        frame_rate=detections.frame_rate,
        classes=ClassGroups.of(classes, detections.classes),
        rounding=rounding,
        lag=lag,
    )
    ids, boxes = np.full(len(detections), -1, dtype=np.int64), detections.xywh.copy()
    kinds = detections.boxes["class_id"].to_numpy().copy()
    arrays = np.column_stack([xywh_to_xyxy(detections.xywh), detections.boxes[["conf", "class_id"]].to_numpy()])
    vectors = detections.embeddings if stages_of(model, recipe).uses_embeddings else None
    forgotten = frames_remembered(recipe, detections.frame_rate)
    starts: deque[int] = deque()  # of the frames that are not reported: their first row

    def report(result: np.ndarray) -> None:
        here = starts.popleft() + result[:, POSITION].astype(int)
        ids[here], kinds[here] = result[:, TRACK].astype(int), result[:, TRACKED_CLASS].astype(int)
        # corners are rounded: what did not move stays as it was
        moved = (result[:, CORNERS] != arrays[here, CORNERS]).any(axis=1)
        boxes[here[moved]] = xyxy_to_xywh(result[moved, CORNERS])

    def update(start: int, boxes: np.ndarray, embeddings: np.ndarray | None = None) -> None:
        starts.append(start)
        result = tracker.update(boxes, embeddings)
        if len(starts) > lag:
            report(result)

    before = 0
    for frame, rows in detections.by_frame():
        # after as many empty frames as the memory is long, all tracks are dropped: more would change nothing
        for _ in range(min(frame - before - 1, forgotten)):
            update(rows.start, np.zeros((0, len(COLUMNS))))
        update(rows.start, arrays[rows], None if vectors is None else vectors[rows])
        before = frame
    for result in tracker.flush():
        report(result)
    kept = np.flatnonzero(ids >= 0)
    sides = dict(zip(BOX, boxes[kept].T, strict=True))
    table = detections.boxes.iloc[kept].assign(id=ids[kept], class_id=kinds[kept], **{DETECTION: kept}, **sides)
    return replace(detections, boxes=table, embeddings=None)
