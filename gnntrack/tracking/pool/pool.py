"""Many streams in one process: a tracker each, and one set of weights."""

from __future__ import annotations

import os
from collections.abc import Hashable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gnntrack.association.rounding import Rounding
from gnntrack.models import ModelRecipe
from gnntrack.models.overriding import overridden, way_of
from gnntrack.tracking.class_groups import Classes
from gnntrack.tracking.online import Tracker
from gnntrack.tracking.pool.frames import named_frames
from gnntrack.tracking.pool.members import Member, Members
from gnntrack.tracking.pool.results import PoolResults, told_of
from gnntrack.tracking.pool.saved import load_members, save_members
from gnntrack.tracking.pretrained import pretrained
from gnntrack.tracking.stages import Compilable, shareable

if TYPE_CHECKING:
    from gnntrack.tracking.scoring import LinkScorer


class TrackerPool:
    """Trackers of many streams, by names of yours; each gives byte for byte what a single :class:`.Tracker` gives.

    Streams share the weights, and nothing else: each has its own image size, frame rate, settings and identities, and
    what is wrong with a frame of one is reported for that one alone. Streams come and go while others are tracked.
    Where frames may come faster than they are tracked, put a :class:`.FrameQueue` before the pool.

    All methods may be called from any thread. Threads do not track faster than one does, as compiled code holds
    Python's lock; to use several cores, share the streams out over as many processes with a pool each.

    Args:
        model: see :class:`.Tracker`.
        recipe: likewise.

    Example:
        >>> pool = TrackerPool.from_pretrained("default")
        >>> pool.add("gate", width=1920, height=1080, frame_rate=25)
        >>> pool.add("yard", width=640, height=480, frame_rate=12.5, lag=5)
        >>> results = pool.update({"gate": [[100, 200, 160, 380, 0.9, 0]], "yard": []})
        >>> {stream: rows.shape for stream, rows in results.items()}
        {'gate': (1, 8), 'yard': (0, 8)}
    """

    def __init__(self, model: Compilable | LinkScorer, recipe: ModelRecipe) -> None:
        self.model, self.recipe = shareable(model), recipe
        self.weights: str | None = None  # where they came from, if it is known
        self._members = Members()

    @classmethod
    def from_pretrained(cls, weights: str | Path = "default", *, warmup: bool = False, **settings: Any) -> TrackerPool:
        """A pool with shipped weights (by name) or with a file that ``gnntrack train`` wrote.

        Args:
            weights: name or path.
            warmup: see :meth:`.Tracker.from_pretrained`.
            **settings: tracking settings of all streams, see :meth:`.Tracker.from_pretrained`.

        Raises:
            DataError: there are no such weights, no such setting, or it does nothing online.
        """
        model, recipe, source = pretrained(weights, settings, "online", "lag", warmup=warmup)
        pool = cls(model, recipe)
        pool.weights = source
        return pool

    def add(
        self,
        stream: Hashable,
        *,
        width: int | None = None,
        height: int | None = None,
        frame_rate: float = 30.0,
        classes: Classes = "together",
        rounding: Rounding | None = None,
        lag: int = 0,
        **settings: Any,
    ) -> None:
        """Adds a stream.

        Args:
            stream: its name: a text, a number, or anything else that may be a key.
            width: see :class:`.Tracker`, like the others.
            height: likewise.
            frame_rate: likewise.
            classes: likewise.
            rounding: likewise.
            lag: likewise.
            **settings: tracking settings of this stream, see :meth:`.Tracker.from_pretrained`.

        Raises:
            DataError: there is a stream of this name, or a value is not valid.
        """
        recipe = overridden(self.recipe, settings, way_of("online", lag))
        tracker = Tracker(
            self.model,
            recipe,
            width=width,
            height=height,
            frame_rate=frame_rate,
            classes=classes,
            rounding=rounding,
            lag=lag,
        )
        tracker.weights = self.weights
        self._members.add(Member(stream, tracker))

    def remove(self, stream: Hashable) -> Tracker:
        """Takes a stream out, once its frame that is being tracked is done.

        Returns:
            Its tracker, which may be flushed, saved or used by itself.

        Raises:
            DataError: there is no such stream.
        """
        member = self._members.remove(stream)
        with member.lock:
            return member.tracker

    def __contains__(self, stream: Hashable) -> bool:
        """Whether there is such a stream."""
        return stream in self._members

    def __iter__(self) -> Iterator[Hashable]:
        """The names of the streams, in the order in which they were added."""
        return iter(self._members)

    def __len__(self) -> int:
        """How many streams there are."""
        return len(self._members)

    def __getitem__(self, stream: Hashable) -> Tracker:
        """The tracker of a stream, to look at its ``tracks`` or ``view`` while no other thread uses it.

        Raises:
            DataError: there is no such stream.
        """
        return self._members[stream].tracker

    def update(
        self,
        detections: Mapping[Any, Any],
        embeddings: Mapping[Any, np.ndarray] | None = None,
        *,
        cameras: Mapping[Any, Any] | None = None,
        lost: bool = False,
    ) -> PoolResults:
        """Takes the next frame of some of the streams, one stream after another.

        Args:
            detections: of each of these streams, as :meth:`.Tracker.update` takes them.
            embeddings: likewise, of those that have any.
            cameras: how their cameras have moved, likewise.
            lost: likewise.

        Returns:
            The tracks of each. A stream whose frame could not be used is missing: its error is in ``errors``, and is
            raised where its tracks are asked for. That frame does not count, as with a single tracker.

        Raises:
            DataError: there is no such stream, or what is given names none; nothing was tracked then.

        Example:
            >>> pool = TrackerPool.from_pretrained("default")
            >>> pool.add(1)
            >>> pool.add(2)
            >>> results = pool.update({1: [[100, 200, 160, 380, 0.9, 0]], 2: [[160, 200, 100, 380, 0.9, 0]]})
            >>> len(results[1]), 2 in results
            (1, False)
            >>> print(results.errors[2])
            detection 0 has x2 ≤ x1 or y2 ≤ y1: [160. 200. 100. 380.]; pass corners x1, y1, x2, y2, not left, top, w, h
        """
        results = PoolResults()
        for stream, frame in named_frames(self._members, detections, embeddings, cameras).items():
            try:
                results[stream] = self.update_one(stream, **frame, lost=lost)
            except Exception as error:  # of input, or a fault: the others go on
                results.errors[stream] = told_of(error, stream)
        return results

    def update_one(
        self,
        stream: Hashable,
        detections: Any,
        embeddings: np.ndarray | None = None,
        *,
        camera: Any = None,
        lost: bool = False,
    ) -> Any:
        """Takes the next frame of one stream: :meth:`.Tracker.update`.

        Raises:
            DataError: there is no such stream, or the tracker refuses the frame.
        """
        member = self._members[stream]
        with member.lock:
            return member.tracker.update(detections, embeddings, camera=camera, lost=lost)

    def flush(self, stream: Hashable) -> list[Any]:
        """The tracks that a ``lag`` still holds back; the stream begins anew then: :meth:`.Tracker.flush`.

        Raises:
            DataError: there is no such stream.
        """
        member = self._members[stream]
        with member.lock:
            return member.tracker.flush()

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Writes what all trackers remember to a folder, as a whole, in place of what an earlier call wrote there.

        Each stream is a file of :meth:`.Tracker.save`: it may go on in another pool, or by itself.

        Raises:
            DataError: it cannot be written, the folder holds something else, or the name of a stream is neither a text
                nor a whole number.
        """
        save_members(folder, self._members.all(), self.weights, self.recipe)

    @classmethod
    def load(
        cls, folder: str | os.PathLike[str], weights: str | Path | Compilable | LinkScorer | None = None
    ) -> TrackerPool:
        """The pool that :meth:`save` wrote, in any process.

        Args:
            folder: where.
            weights: see :meth:`.Tracker.load`.

        Raises:
            DataError: it is no such folder, was changed, or tracked with other weights.

        Example:
            >>> import tempfile
            >>> folder = Path(tempfile.mkdtemp()) / "streams"
            >>> pool = TrackerPool.from_pretrained("default")
            >>> pool.add("gate", width=640, height=480)
            >>> _ = pool.update_one("gate", [[100, 200, 160, 380, 0.9, 0]])
            >>> pool.save(folder)
            >>> TrackerPool.load(folder).update_one("gate", [[104, 200, 164, 380, 0.9, 0]])[:, 4].tolist()
            [1.0]
        """
        model, recipe, source, members = load_members(folder, weights)
        pool = cls(model, recipe)
        pool.weights = source
        pool._members = members
        return pool
