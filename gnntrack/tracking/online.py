"""The online tracker: one frame at a time, with ``update``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gnntrack.association.rounding import Rounding
from gnntrack.errors import DataError
from gnntrack.models import ModelRecipe
from gnntrack.models.overriding import way_of
from gnntrack.sequence import View
from gnntrack.tracking.class_groups import Classes, ClassGroups
from gnntrack.tracking.detections import as_given, check_takes_lost, detection_array, kept
from gnntrack.tracking.lag import WaitingFrame, no_rows
from gnntrack.tracking.pretrained import model_for, pretrained
from gnntrack.tracking.saved import About, hash_of, read_saved, write_saved
from gnntrack.tracking.stages import Compilable, stages_of
from gnntrack.tracking.stream import Stream, StreamSettings
from gnntrack.tracking.track import Track

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
        groups = classes if isinstance(classes, ClassGroups) else ClassGroups.of(classes)
        self.model, self.recipe = model, recipe
        self.settings = settings = StreamSettings.checked((width, height), frame_rate, groups, rounding, lag)
        self.width, self.height = settings.width, settings.height
        self.frame_rate, self.lag = settings.frame_rate, settings.lag
        self.weights: str | None = None  # where they came from, if it is known
        self._model, self._prepared = stages_of(model, recipe), False
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
        **settings: Any,
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
            **settings: tracking settings instead of those of the weights, by name (``memory=3.0``) or by path
                (``**{"links.threshold": 0.4}``), see :func:`gnntrack.models.overriding.overridden`.

        Raises:
            DataError: there are no such weights, no such setting, or it does nothing online.

        Example:
            >>> Tracker.from_pretrained("default", memory=3.0).recipe.tracking.links.memory
            Duration(amount=3.0, unit='seconds')
        """
        model, recipe, source = pretrained(weights, settings, way_of("online", lag), warmup=warmup)
        tracker = cls(model, recipe, width=width, height=height, frame_rate=frame_rate, classes=classes, lag=lag)
        tracker.weights = source
        return tracker

    def reset(self) -> None:
        """Forgets all tracks; identities start at 1 again."""
        self._stream = Stream(self._model, self.recipe, self.settings)

    @property
    def view(self) -> View:
        """Size of the image and frame rate, as far as they are known."""
        return self._stream.view

    def update(
        self, detections: Any, embeddings: np.ndarray | None = None, *, camera: Any = None, lost: bool = False
    ) -> Any:
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
            camera: how the camera has moved, as a matrix ``(2, 3)``: it maps pixels of the previous frame to pixels of
                this one, ``(x, y) → matrix @ (x, y, 1)``, for what stands still. Tracks are moved along, as if the
                camera stood still. None: it is estimated from the boxes. Empty frames need theirs too; that of the
                first frame changes nothing.
            lost: add a row for every confirmed track that is not seen in this frame, with the box where it should be
                and the position −1. It may lie outside of the image.

        Returns:
            ``(M, 8)`` float64: x1, y1, x2, y2, id, confidence, class, position in ``detections``; or a
            ``supervision.Detections`` with ``tracker_id``, where that was given, its boxes rounded to the type that
            they had. The class is the track's: most of its detections so far have it, each counted as much as it is
            confident. With a ``lag``, of the frame that many calls ago; none at first.

        Raises:
            DataError: detections are something else, a value is not finite or beyond all images, a corner pair is not
                one, the weights do not use embeddings or the camera, its matrix is none that a camera's motion gives,
                or lost tracks are asked for together with a ``lag`` or ``supervision.Detections``. The frame does not
                count then: nothing has changed.
        """
        if lost:
            check_takes_lost(detections, self.lag)
        array = detection_array(detections)
        if not self._prepared:
            self._model.prepare()
            self._prepared = True
        rows, tracks = self._stream.link(array, embeddings, camera)
        report = self._stream.report
        if report is None:
            return np.concatenate([rows, self._stream.lost_rows()]) if lost else as_given(detections, rows)
        due = report.add(WaitingFrame(self._stream.frame, rows, np.abs(tracks), tracks > 0, kept(detections)))
        return as_given(detections, no_rows()) if due is None else as_given(due.given, due.rows)

    @property
    def tracks(self) -> list[Track]:
        """All tracks that are remembered at the newest frame, by identity: tentative, confirmed and lost ones.

        They are made when they are asked for. A ``lag`` does not hold them back.

        Example:
            >>> tracker = Tracker.from_pretrained("default", width=640, height=480)
            >>> for left in (100.0, 104, 108, 112):
            ...     rows = tracker.update([[left, 200, left + 60, 380, 0.9, 0]])
            >>> (track,) = tracker.tracks
            >>> track.id, track.state, track.age, track.hits
            (1, 'confirmed', 4, 4)
            >>> _ = tracker.update([])
            >>> track = tracker.tracks[0]
            >>> track.state, track.missed, 110 < track.predicted[0] < 118
            ('lost', 1, True)
        """
        return self._stream.tracks()

    def save(self, path: str | Path) -> None:
        """Writes what the tracker remembers to one file, atomically; :meth:`load` continues with it, bit for bit.

        The weights are not in it, but their hash is: the same ones must be at hand to continue.

        Raises:
            DataError: it cannot be written; the model is no network; or ``supervision.Detections`` wait, with a lag.

        Example:
            >>> import tempfile
            >>> path = Path(tempfile.mkdtemp()) / "camera.state"
            >>> tracker = Tracker.from_pretrained("default", width=640, height=480)
            >>> boxes = [[[100.0 + 4 * step, 200, 160 + 4 * step, 380, 0.9, 0]] for step in range(4)]
            >>> _ = tracker.update(boxes[0]), tracker.update(boxes[1])
            >>> tracker.save(path)
            >>> later = Tracker.load(path)
            >>> bool((later.update(boxes[2]) == tracker.update(boxes[2])).all())
            True
        """
        about = About.of(hash_of(self._model), self.weights, self.recipe, self._stream.settings)
        write_saved(path, about, self._stream.state())

    @classmethod
    def load(cls, path: str | Path, weights: str | Path | Compilable | LinkScorer | None = None) -> Tracker:
        """The tracker that :meth:`save` wrote, in any process; its settings come with it.

        Args:
            path: the file.
            weights: those that it tracked with: a shipped name, a path, or the model itself; None: from where it had
                them.

        Raises:
            DataError: it is no such file, was changed, or tracked with other weights.
        """
        about, state = read_saved(path)
        model, source = model_for(about.source, weights, path)
        try:
            tracker = cls(model, about.parsed_recipe(), **about.settings())
            about.check_weights(tracker._model, source)
            tracker._stream.restore(state)
        except DataError as error:
            raise DataError(error.problem, remedy=error.remedy, path=path) from None
        tracker.weights = source
        return tracker

    def flush(self) -> list[Any]:
        """The tracks of the frames that a ``lag`` still holds back, one result a frame; the stream is over then.

        Example:
            >>> tracker = Tracker.from_pretrained("default", lag=2)
            >>> results = [tracker.update([[10.0 + x, 20, 40 + x, 90, 0.9, 1]]) for x in range(5)] + tracker.flush()
            >>> [len(rows) for rows in results]
            [0, 0, 1, 1, 1, 1, 1]
        """
        due = [] if self._stream.report is None else self._stream.report.flush()
        self.reset()
        return [as_given(frame.given, frame.rows) for frame in due]
